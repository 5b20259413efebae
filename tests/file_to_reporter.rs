//! A file of staff's to a reporter, over HTTP against the real server process: from the investigator's form to the
//! reporter's device, with canaries in its name and its content.
#![cfg(feature = "open")]

mod story_support;

use age::secrecy::ExposeSecret;
use mifeng::{
    receipt::Receipt,
    sealed_file::{age_bytes, padme},
};
use std::{collections::BTreeSet, process::Command};
use story_support::{
    Answer, Attached, Browser, Disk, Needles, World, pdf,
    release::succeeded,
    reporter::{self, OTHER_TARGET, Reported, TARGET, memory},
    staff::{Desks, find_case, make_move},
};

const WORDS: &str = "附上现场检查记录，请核对第二页。";
const NAME: &str = "鷓鴣山檢查記錄.pdf";
const INSIDE: &str = "canary inside the record of the inspection";
const MEDIA: &str = "application/pdf";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_reaches_one_reporter_and_lies_in_clear_nowhere() {
    let mut world = World::start().await;
    let canaries = Needles::new([("name of the file", "鷓鴣山檢查記錄"), ("inside the file", INSIDE)]);
    let mut mine = reported(&world, TARGET).await;
    let mut other = reported(&world, OTHER_TARGET).await;
    let file = [pdf(INSIDE), vec![b' '; 150_000]].concat();

    let mut desks = Desks::new(&world);
    let number = send(&mut desks, &file).await;
    assert_eq!(canaries.found_in(&world.seen.bytes()), BTreeSet::new(), "no staff page shows them again");

    let page = mine.sign_in(&world).await.text;
    assert!(page.contains("我们发来的文件") && page.contains("不到 1 MB") && !page.contains(NAME), "{page}");
    let opened = mine.browser.fill("/zh/mine/messages", &[("receipt", mine.grouped())]).await;
    assert!(opened.text.contains(NAME) && opened.text.contains(WORDS), "{}", opened.text);
    let at = address(&opened.text);
    the_receipt_alone_opens_it(&mut mine, &at, &file).await;
    the_stock_age_command_opens_it(&mut mine, &at, &file).await;
    the_script_gets_it_as_it_is_kept(&mut mine, &at).await;
    nobody_else_gets_it(&world, &mut other, &at).await;
    let blob = at.rsplit('/').next().unwrap();
    let back = desks.of("investigator").await.get(&format!("/en/cases/{number}/copies/{blob}/bytes")).await;
    assert_eq!(back.status, 404, "the console has no way to it");
    drop(desks);
    mine.sign_out(&world).await;
    other.sign_out(&world).await;

    let plain = [NAME.as_bytes(), &file].concat();
    assert_eq!(canaries.found_in(&plain).len(), 2, "the search finds what is there");
    let image = memory(&world, &canaries).await;
    assert!(!image.found(&Needles::new([("target", TARGET)])).is_empty(), "the list of cases is found");
    assert_eq!(image.found(&canaries), Vec::<String>::new(), "nor in memory, once it is sent");
    assert_eq!(canaries.found_below(&world.path("")), vec![]);
    assert_eq!(world.files_open_elsewhere(), Vec::<String>::new());
    world.stop();
    let disk = Disk::of(&world);
    assert_eq!(canaries.found_in(&disk.everything()), BTreeSet::new(), "not with all the server's keys");
    drop(disk);
    succeeded(world.mifeng(&["check"], ""));

    world.start_again().await;
    mine.sign_in(&world).await;
    let again = open(&mut mine, &at, None).await;
    assert!(again.bytes == file, "what was acknowledged is there after a restart");
}

async fn reported(world: &World, target: &str) -> Reported {
    let mut browser = world.reporter();
    reporter::write(&mut browser, target, None).await;
    let mut sent = reporter::send(browser).await;
    sent.check_receipt().await;
    sent
}

/// The investigator's way, with every slip on it; each keeps the message and sends nothing. Gives the case's number.
async fn send(desks: &mut Desks<'_>, file: &[u8]) -> String {
    let clerk = desks.of("clerk").await;
    let number = find_case(clerk, TARGET).await;
    let accept = [("told", "已受理，正在安排核查。"), ("reason", "对象和事实明确，属于受理范围。")];
    make_move(clerk, &number, "accept", &accept).await;
    make_move(clerk, &number, "assign", &[("to", "investigator")]).await;
    let inv = desks.of("investigator").await;
    make_move(inv, &number, "begin", &[]).await;

    let path = format!("/en/cases/{number}/moves/say");
    let confirm = inv.answer(&path, &[("text", WORDS)]).await;
    assert!(confirm.text.contains("multipart/form-data") && confirm.text.contains("type=\"file\""));
    let large = [&pdf(INSIDE)[..], &vec![b' '; 20 << 20]].concat();
    let word = b"PK\x03\x04..........................word/document.xml".to_vec();
    let long = format!("{}.pdf", "長".repeat(70));
    for (name, bytes, says) in [
        (NAME, &large, "The limit is 20 MB"),
        (NAME, &b"MZ\x90\0 a program".to_vec(), "not a file that can be sent"),
        ("a.docx", &word, "not a file that can be sent"),
        ("record.exe", &pdf(INSIDE), "must end as its content does"),
        (&long, &pdf(INSIDE), "name is too long"),
        (NAME, &Vec::new(), "The file is empty"),
    ] {
        let refused = attach(inv, name, bytes).await;
        assert_eq!(refused.status, 422, "{says}: {}", refused.text);
        assert!(refused.text.contains(says) && refused.text.contains(WORDS), "{says}: {}", refused.text);
    }
    let case = inv.get(&format!("/en/cases/{number}")).await.text;
    assert!(!case.contains("Sealed to the reporter"), "nothing was sent: {case}");

    inv.answer(&path, &[("text", WORDS)]).await;
    let sent = attach(inv, NAME, file).await;
    assert!(sent.location.ends_with("?done=say"), "{} {}", sent.status, sent.text);
    let case = inv.get(&sent.location.replace("?done=say", "")).await.text;
    assert_eq!(case.matches("With a file (up to 1 MB)").count(), 1, "{case}");
    assert_eq!(case.matches("Message with a file (up to 1 MB)").count(), 1, "in the history: {case}");

    // A browser in which nothing is chosen sends a file without name and bytes.
    inv.answer(&path, &[("text", "没有别的了。")]).await;
    let sent = attach(inv, "", b"").await;
    assert!(sent.location.ends_with("?done=say"), "{} {}", sent.status, sent.text);
    number
}

async fn attach(browser: &mut Browser, name: &str, bytes: &[u8]) -> Answer {
    browser.upload("/moves/say", &[], &Attached { field: "file", name, media: MEDIA, bytes }).await
}

/// Where the page's button leads to.
fn address(page: &str) -> String {
    let places: Vec<&str> =
        page.split("formaction=\"").skip(1).map(|rest| rest.split('"').next().unwrap()).collect();
    let files: Vec<&&str> = places.iter().filter(|place| place.contains("/mine/files/")).collect();
    let [file] = files[..] else { panic!("not one file: {places:?}") };
    (*file).to_owned()
}

/// On the page with the report, with this receipt or the reporter's own.
async fn open(reporter: &mut Reported, at: &str, receipt: Option<&str>) -> Answer {
    let page = reporter.browser.get("/zh/mine").await.text;
    let once = page.split("name=\"once\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let typed = receipt.map_or_else(|| reporter.grouped(), str::to_owned);
    reporter.browser.send(at, &[("once", once), ("receipt", typed)]).await
}

async fn the_receipt_alone_opens_it(mine: &mut Reported, at: &str, file: &[u8]) {
    let wrong = open(mine, at, Some("0123 4567 8901 2345 6789 0123 4567 8963")).await;
    assert_eq!((wrong.status, wrong.closes), (422, true), "{}", wrong.text);
    let given = open(mine, at, None).await;
    assert_eq!((given.status, given.closes), (200, true), "{}", given.text);
    assert!(given.bytes == file, "byte for byte");
    let encoded: String =
        NAME.bytes().map(|b| format!("%{b:02X}")).collect::<String>().replace("%2E%70%64%66", ".pdf");
    for header in [
        format!("attachment; filename=\\\"file\\\"; filename*=UTF-8''{encoded}"),
        format!("\"content-length\": \"{}\"", file.len()),
        "\"cache-control\": \"no-store\"".into(),
        "sandbox; default-src 'none'".into(),
        "nosniff".into(),
        "application/octet-stream".into(),
    ] {
        assert!(given.head.contains(&header), "{header}: {}", given.head);
    }
    let forged = mine.browser.send(at, &[("once", "x".to_owned()), ("receipt", mine.grouped())]).await;
    assert_eq!(forged.status, 410, "a form of another visit");
}

async fn the_stock_age_command_opens_it(mine: &mut Reported, at: &str, file: &[u8]) {
    let sealed = mine.browser.get(&format!("{at}/age")).await;
    assert_eq!(sealed.status, 200, "{}", sealed.text);
    let folder = tempfile::tempdir().unwrap();
    let (key, age) = (folder.path().join("key.txt"), folder.path().join("file-1.age"));
    let receipt = Receipt::parse(&mine.receipt).unwrap();
    std::fs::write(&key, receipt.mailbox_key().to_string().expose_secret()).unwrap();
    std::fs::write(&age, &sealed.bytes).unwrap();
    let out = Command::new("age").args(["-d", "-i"]).arg(&key).arg(&age).output();
    let out = out.unwrap_or_else(|e| panic!("the age command is needed: run scripts/tools.sh: {e}"));
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    assert!(out.stdout == file, "the file and nothing else");
}

async fn the_script_gets_it_as_it_is_kept(mine: &mut Reported, at: &str) {
    let kept = mine.browser.get(&at.replace("/mine/files/", "/device/from-office/")).await;
    let total = kept.bytes.len() as u64;
    assert_eq!((kept.status, padme(total)), (200, total), "its length tells little");
    assert!(age_bytes(&kept.bytes, total).is_ok());
}

async fn nobody_else_gets_it(world: &World, other: &mut Reported, at: &str) {
    other.sign_in(world).await;
    let sealed = at.replace("/mine/files/", "/device/from-office/");
    assert_eq!(open(other, at, None).await.status, 404, "another reporter's own receipt");
    assert_eq!(other.browser.get(&format!("{at}/age")).await.status, 404);
    assert_eq!(other.browser.get(&sealed).await.status, 404);
    let mut stranger = world.reporter();
    assert_eq!(stranger.get(&format!("{at}/age")).await.status, 410);
    assert_eq!(stranger.get(&sealed).await.status, 410);
}
