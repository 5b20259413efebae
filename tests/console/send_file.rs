//! A file beside a message, where the form does not come as it should: nothing is sent and nothing is left behind.

use crate::{
    console_support::{Answer, Browser, Desk, PASSWORD},
    store_support::{receipt, report},
};
use axum::http::StatusCode;
use mifeng::{
    casework::{MessageText, SizeClass},
    ids::CaseNumber,
    mailbox::{self, file::open_label},
    sealed_file::FilePlace,
    store::Cases,
};

const WORDS: &str = "附上检查记录。\n第二行。";
const PDF: &[u8] = b"%PDF-1.7\n the record";

/// Opens the form and goes on to the page that sends. Gives the version it was built on.
async fn confirm(browser: &mut Browser, number: CaseNumber) -> String {
    let path = format!("/zh/cases/{number}/moves/say");
    let version = browser.get(&path).await.hidden("version");
    let page = browser.post(&path, &[("text", WORDS), ("version", &version)]).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.text.contains("给举报人的文件"), "{}", page.text);
    version
}

/// Sends the parts in this order, lines ending as browsers end them; `file` last.
async fn send(
    browser: &mut Browser,
    number: CaseNumber,
    fields: &[(&str, &str)],
    file: &[u8],
    end: &str,
) -> Answer {
    let mut body = Vec::new();
    for (name, value) in fields {
        let value = value.replace('\n', "\r\n");
        body.extend(
            format!("--X\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n").into_bytes(),
        );
    }
    body.extend(b"--X\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.pdf\"\r\n\r\n");
    body.extend_from_slice(file);
    body.extend_from_slice(end.as_bytes());
    browser.parts(&format!("/zh/cases/{number}/moves/say"), body).await
}

const END: &str = "\r\n--X--\r\n";

#[tokio::test]
async fn the_message_goes_with_its_file_as_one() {
    let desk = Desk::new();
    let number = desk.submit(1, false);
    let mut clerk = desk.sign_in("clerk").await;
    let version = confirm(&mut clerk, number).await;
    let token = clerk.token.clone();
    let fields = [("once", token.as_str()), ("version", &version), ("text", WORDS)];
    let sent = send(&mut clerk, number, &fields, PDF, END).await;
    assert_eq!(sent.location, format!("/zh/cases/{number}?done=say"), "{}", sent.text);

    let case = desk.case(number);
    let [message] = &case.messages[..] else { panic!("one message") };
    let MessageText::Sealed(text) = &message.text else { panic!("in clear") };
    assert_eq!(mailbox::open(text, &receipt(1).mailbox_key()).unwrap().as_str(), WORDS);
    let file = message.file.as_ref().unwrap();
    assert_eq!(file.size, SizeClass::UpTo1M);
    let place = FilePlace { report: report(1), blob: file.blob };
    let label = open_label(&file.label, place, &receipt(1).mailbox_key()).unwrap();
    assert_eq!((label.name().as_str(), label.bytes()), ("a.pdf", PDF.len() as u64));
    assert!(!serde_json::to_string(&case).unwrap().contains("a.pdf"));
    assert!(matches!(desk.store.cleaned_copy(number, file.blob), Err(mifeng::store::Refused::NoSuchFile)));
    assert_eq!(desk.store.check().unwrap().problems, Vec::<String>::new());
}

#[tokio::test]
async fn a_form_that_is_foreign_late_or_cut_sends_nothing() {
    let desk = Desk::new();
    let number = desk.submit(1, false);
    let mut clerk = desk.sign_in("clerk").await;
    let version = confirm(&mut clerk, number).await;
    let token = clerk.token.clone();
    let with = |once: &'static str| [("once", once), ("version", "1"), ("text", WORDS)];
    assert_eq!(send(&mut clerk, number, &with("forged"), PDF, END).await.status, StatusCode::FORBIDDEN);
    assert_eq!(send(&mut clerk, number, &with("")[1..], PDF, END).await.status, StatusCode::FORBIDDEN);

    let fields = [("once", token.as_str()), ("version", &version), ("text", WORDS)];
    let cut = send(&mut clerk, number, &fields, PDF, "").await;
    assert_eq!(cut.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(cut.text.contains("没有完整收到") && cut.text.contains("第二行。"), "{}", cut.text);

    let back = [&fields[..], &[("step", "back")]].concat();
    let form = send(&mut clerk, number, &back, PDF, END).await;
    assert!(form.text.contains("<textarea") && form.text.contains("第二行。"), "{}", form.text);

    // Somebody else changes the case while the file is chosen.
    let mut other = desk.sign_in("clerk").await;
    let path = format!("/zh/cases/{number}/moves/note");
    let now = other.get(&path).await.hidden("version");
    other.post(&path, &[("text", "备注"), ("version", &now)]).await;
    let late = send(&mut clerk, number, &fields, PDF, END).await;
    assert_eq!(late.status, StatusCode::CONFLICT);
    assert!(late.text.contains("第二行。"), "what was typed is kept");

    let mut nobody = desk.browser();
    let copied = send(&mut nobody, number, &fields, PDF, END).await;
    assert_eq!(copied.status, StatusCode::FORBIDDEN);
    assert!(copied.text.contains("请复制保存") && copied.text.contains("第二行。"), "{}", copied.text);
    assert!(!copied.text.contains("the record"), "the file is not read");
    nobody.from = "none";
    assert_eq!(send(&mut nobody, number, &fields, PDF, END).await.location, "/zh/sign-in");
    let mut auditor = desk.sign_in("auditor").await;
    auditor.get("/zh/").await;
    let token = auditor.token.clone();
    let fields = [("once", token.as_str()), ("version", "2"), ("text", WORDS)];
    assert_ne!(send(&mut auditor, number, &fields, PDF, END).await.status, StatusCode::SEE_OTHER);

    assert!(desk.case(number).messages.is_empty());
    assert_eq!(desk.store.check().unwrap().count("files"), 0, "no record of a file");
}

/// The words wait in the sign-in page; the file, which is not read, is chosen again.
#[tokio::test]
async fn words_beside_a_file_outlive_the_session() {
    let desk = Desk::new();
    let number = desk.submit(1, false);
    let mut clerk = desk.sign_in("clerk").await;
    let version = confirm(&mut clerk, number).await;
    let token = clerk.token.clone();
    desk.pass(16 * 60);
    let forged = send(&mut clerk, number, &[("once", "forged"), ("text", WORDS)], PDF, END).await;
    assert!(forged.text.contains("请复制保存") && forged.text.contains("第二行。"), "{}", forged.text);
    let fields = [("once", token.as_str()), ("version", &version), ("text", WORDS)];
    let page = send(&mut clerk, number, &fields, PDF, END).await;
    assert_eq!(page.status, StatusCode::FORBIDDEN);
    assert!(page.text.contains("第二行。") && !page.text.contains("the record"), "{}", page.text);

    let code = desk.code();
    let typed = [("over-name", "clerk"), ("over-password", PASSWORD), ("over-code", code.as_str())];
    let page = clerk.fill_in("/zh/sign-in", &page, &typed).await;
    let again = clerk.fill_in(&format!("/zh/cases/{number}/moves/say"), &page, &[]).await;
    assert!(again.text.contains("给举报人的文件") && again.text.contains("第二行。"), "{}", again.text);
    let token = clerk.token.clone();
    let fields = [("once", token.as_str()), ("version", &version), ("text", WORDS)];
    let sent = send(&mut clerk, number, &fields, PDF, END).await;
    assert_eq!(sent.location, format!("/zh/cases/{number}?done=say"), "{}", sent.text);
    assert_eq!(desk.case(number).sent_files().count(), 1);
}

#[tokio::test]
async fn so_many_files_go_to_one_reporter_and_then_only_words() {
    let desk = Desk::new();
    let number = desk.submit(1, false);
    let mut clerk = desk.sign_in("clerk").await;
    let most = usize::from(desk.policy.intake.attachments.most);
    for n in 0..=most {
        let version = confirm(&mut clerk, number).await;
        let token = clerk.token.clone();
        let fields = [("once", token.as_str()), ("version", &version), ("text", WORDS)];
        let sent = send(&mut clerk, number, &fields, PDF, END).await;
        let status = if n < most { StatusCode::SEE_OTHER } else { StatusCode::UNPROCESSABLE_ENTITY };
        assert_eq!(sent.status, status, "{n}: {}", sent.text);
    }
    assert_eq!(desk.case(number).sent_files().count(), most);
}
