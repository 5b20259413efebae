//! What an authority sends about a report: what each letter says, that everybody can read it, that it says nothing of
//! who reported, and that a template can do nothing but say it.

#[path = "common/documents.rs"]
#[allow(dead_code, reason = "every story uses its own part")]
mod documents;
mod documents_support;
#[allow(dead_code, reason = "every story uses its own part")]
#[path = "common/figures.rs"]
mod figures;
mod pdf_support;

use documents_support::{CANARY, POLICY, Story, accepted, make, replied, reply, stories};
use jiff::civil::date;
use mifeng::{
    casework::{Case, Finding, Move},
    documents::{DocumentDesk, Issued, Press},
    ids::StaffId,
    policy::Lang,
};
use pdf_support::Pdf;
use std::{fs, path::Path, sync::Arc};

/// Every template in both languages, from the moves that lead to it, against `tests/vectors/documents/`.
#[tokio::test]
async fn each_letter_says_what_was_decided_and_what_comes_next() {
    let mut wrong = Vec::new();
    for (story, lang) in all() {
        let text = Pdf::read(&print(&story, lang).await).text();
        let name = format!("tests/vectors/documents/{}.{}.txt", story.name, lang.path());
        if std::env::var_os("MIFENG_WRITE_VECTORS").is_some() {
            fs::create_dir_all("tests/vectors/documents").unwrap();
            fs::write(&name, &text).unwrap();
        }
        if text != fs::read_to_string(&name).unwrap_or_default() {
            wrong.push(format!("{name}:\n{text}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test]
async fn everybody_can_read_it() {
    for (story, lang) in all() {
        let pdf = Pdf::read(&print(&story, lang).await);
        let (name, tags) = (story.name, pdf.tags());
        assert_eq!(pdf.language(), if lang == Lang::Zh { "zh-CN" } else { "en" });
        assert_eq!(pdf.info("Title"), desk().title(story.kind, lang));
        assert_eq!(
            (pdf.info("Tagged").as_str(), pdf.info("Page size").as_str()),
            ("yes", "595.28 x 841.89 pts (A4)")
        );
        assert!(pdf.metadata().contains("<pdfuaid:part>1</pdfuaid:part>"), "{name}");
        let count = |role: &str| tags.iter().filter(|tag| *tag == role).count();
        assert_eq!((tags[0].as_str(), count("H1")), ("Document", 1), "{name}: {tags:?}");
        assert!(count("P") > 5 && count("H2") > 0, "{name}: {tags:?}");
        // What was asked to be deleted is not repeated.
        let rows = if story.name == "deletion_granted" { 0 } else { count("TR") };
        assert_eq!(count("TD"), rows.saturating_sub(1), "{name}: {tags:?}");
        assert_eq!(count("Table"), usize::from(!name.starts_with("deletion")), "{name}: {tags:?}");
        assert!(pdf.read_aloud().contains(&story.case.number.to_string()), "{name}");
        // Everything drawn is in the tree or said to be decoration.
        assert!(!pdf.read_aloud().contains("Page 1 of"), "{name}");
    }
}

/// In the text, in the tags, in the metadata, in what is packed.
#[tokio::test]
async fn no_letter_holds_who_reported_or_what_is_not_told() {
    for (story, lang) in all() {
        let case = serde_json::to_string(&story.case).unwrap();
        assert!(case.contains("13800138000") || story.name == "deletion_granted", "{}", story.name);
        let pdf = Pdf::read(&print(&story, lang).await);
        let plain: String = pdf.everything().chars().filter(|c| !c.is_whitespace()).collect();
        let unpacked = pdf.unpacked();
        for needle in CANARY.split(['·', ' ']) {
            let wide: Vec<u8> = needle.encode_utf16().flat_map(u16::to_be_bytes).collect();
            assert!(!plain.contains(needle), "{}: {needle}", story.name);
            assert!(!unpacked.windows(wide.len()).any(|window| window == wide), "{}: {needle}", story.name);
        }
        // The same search finds what is there.
        assert!(plain.contains(&story.case.number.to_string()));
    }
}

#[tokio::test]
async fn what_was_decided_once_gives_the_same_bytes_dated_by_its_day_alone() {
    let mut case = accepted("会核查。");
    let first = print_of(&desk(), &case, "acceptance-1").await;
    assert_eq!(Pdf::read(&first).info("CreationDate"), "D:20261123000000Z");
    // Whatever happens later, another desk, another day.
    for mv in [Move::Assign { to: StaffId("li".into()) }, Move::Begin] {
        case = make(&case, mv, date(2026, 12, 1));
    }
    let days = serde_json::from_str("30").unwrap();
    case = make(&case, Move::AskExtension { days, reason: "r".into() }, date(2027, 1, 5));
    case = make(&case, Move::GrantExtension { told: "需要补充检测。".into() }, date(2027, 1, 6));
    let press = Arc::new(Press::load(Path::new("policy"), true).unwrap());
    let other = DocumentDesk::new(press, POLICY.clone(), documents::LOG_KEY.to_owned());
    assert!(print_of(&other, &case, "acceptance-1").await == first);
    let later = Pdf::read(&print_of(&desk(), &case, "extension-1").await).text();
    assert!(later.contains("2027 年 2 月 21 日"), "{later}");
}

#[tokio::test]
async fn what_people_wrote_is_text_whatever_it_looks_like() {
    let markup = "## no heading *b* `raw` [a](http://b) <b> {day} {told} | a | b | \\ - x";
    let [plain, marked] = [accepted("会核查。"), accepted(markup)];
    let text = Pdf::read(&print_of(&desk(), &marked, "acceptance-1").await).text();
    let joined = |text: &str| text.chars().filter(|c| !c.is_whitespace()).collect::<String>();
    assert!(joined(&text).contains(&joined(markup)), "{text}");
    let mut tags = Vec::new();
    for case in [plain, marked] {
        tags.push(Pdf::read(&print_of(&desk(), &case, "acceptance-1").await).tags());
    }
    assert_eq!(tags[0], tags[1]);
}

#[tokio::test]
async fn a_character_that_the_font_has_not_is_shown_as_missing_and_stays_itself_for_a_voice() {
    let pdf = Pdf::read(&print_of(&desk(), &accepted("𠮷某公司🔥𠮷。"), "acceptance-1").await);
    let text = pdf.text();
    assert!(text.contains("文中有 3 个字符在所用字体中没有字形"), "{text}");
    assert!(text.contains("U+1F525 U+20BB7"), "{text}");
    assert!(text.contains("𠮷某公司🔥𠮷。"), "{text}");
    let other = Pdf::read(&print_of(&desk(), &accepted("王某。"), "acceptance-1").await);
    assert!(!other.text().contains("没有字形"));
}

#[tokio::test]
async fn a_long_reply_goes_over_pages_and_loses_nothing() {
    let line = |n: usize| {
        format!("第 {n} 段：经现场核查，仓库超量储存，消防通道被占用，安全出口上锁，责任人未到岗。")
    };
    let findings: Vec<String> = (1..=60).map(line).collect();
    let found = Move::Conclude { finding: Finding::Partly, reason: "r".into() };
    let case = make(&documents_support::verifying(), found, date(2026, 12, 1));
    let Move::Reply { handling, reward, .. } = reply() else { unreachable!() };
    let case =
        make(&case, Move::Reply { findings: findings.join("\n"), handling, reward }, date(2026, 12, 2));
    let pdf = Pdf::read(&print_of(&desk(), &case, "reply-1").await);
    let pages: usize = pdf.info("Pages").parse().unwrap();
    let joined: String = pdf.text().chars().filter(|c| !c.is_whitespace()).collect();
    assert!(pages > 2 && joined.contains(&format!("第1页，共{pages}页")), "{pages}");
    assert!(joined.contains(&format!("第{pages}页，共{pages}页")));
    let aloud: String = pdf.read_aloud().chars().filter(|c| !c.is_whitespace() && *c != '"').collect();
    for paragraph in findings {
        let paragraph: String = paragraph.chars().filter(|c| !c.is_whitespace()).collect();
        assert!(aloud.contains(&paragraph), "{paragraph}");
    }
}

#[tokio::test]
async fn what_was_set_aside_is_not_handed_out_and_numbers_stay() {
    let ids = |case: &Case| Issued::of_case(case, case).iter().map(Issued::id).collect::<Vec<_>>();
    let replied = replied();
    assert_eq!(ids(&replied), ["acceptance-1", "reply-1"]);
    let case = make(&replied, Move::Object { text: "不服".into() }, date(2026, 12, 4));
    let overturn = Move::Overturn { reason: "r".into(), told: "重新核查。".into() };
    let case = make(&case, overturn, date(2026, 12, 6));
    assert_eq!(ids(&case), ["acceptance-1", "review-1"]);
    let case = make(&case, Move::Conclude { finding: Finding::False, reason: "r".into() }, date(2026, 12, 8));
    let case = make(&case, reply(), date(2026, 12, 9));
    assert_eq!(ids(&case), ["acceptance-1", "review-1", "reply-2"]);
}

#[tokio::test]
async fn a_copy_for_staff_says_whose_it_is() {
    let (desk, case) = (desk(), accepted("会核查。"));
    let all = desk.of_case(&case, &case);
    let mark = "li · 浏阳市应急管理局 · 2026-11-24 · 第 7 份";
    let pdf = Pdf::read(&desk.print(Lang::Zh, &case, &all[0], Some(mark.into())).await.unwrap());
    assert!(pdf.text().matches(mark).count() > 1 && pdf.read_aloud().contains("第 7 份"));
    assert!(!Pdf::read(&print_of(&desk, &case, "acceptance-1").await).text().contains("第 7 份"));
}

/// What a bad template is refused with, before anybody is served.
#[test]
fn a_bad_template_is_refused_with_file_line_and_reason() {
    let (first, file) = ("documents/zh/acceptance.md", "documents/documents.toml");
    for (path, from, to, line, reason) in [
        (first, "{received}", "{recieved}", 1, "unknown place {recieved}; here are service,"),
        (first, "{until}", "{amount}", 18, "unknown place {amount}"),
        (first, "{told}", "{told}。", 3, "what can be several paragraphs stands in one of its own"),
        (first, "{told}", "![](x.png)", 3, "nothing else"),
        (first, "## 办理期限", "# 办理期限", 16, "a heading begins with ##"),
        (
            file,
            "[letter.acceptance]",
            "[letter.acceptence]",
            0,
            "unknown letter acceptence; there are acceptance",
        ),
        (
            file,
            "{serial} 号\", en = \"Acceptance",
            "号\", en = \"Acceptance",
            0,
            "this needs {serial}, in both languages",
        ),
        (file, "第 {page} 页", "页", 0, "this needs {page}, in both languages"),
        (file, "{log_key}\", en", "{key}\", en", 0, "unknown place {key}"),
        (file, "[conditions]", "[condition]", 0, "unknown field `condition`"),
    ] {
        let folder = copy();
        let text = fs::read_to_string(folder.path().join(path)).unwrap();
        assert!(text.contains(from), "{path} no longer holds {from:?}");
        let line = match line {
            0 => text[..text.find(from).unwrap()].lines().count() + usize::from(from.starts_with('[')),
            line => line,
        };
        fs::write(folder.path().join(path), text.replacen(from, to, 1)).unwrap();
        let refused = Press::load(folder.path(), true).err().unwrap_or_else(|| panic!("{to} was taken"));
        assert!(refused.reason.contains(reason), "{to}: {refused}");
        assert_eq!((refused.file.as_str(), refused.line), (path, line), "{to}: {refused}");
    }
}

#[test]
fn a_missing_or_foreign_file_is_refused_by_name() {
    let refused = |change: &dyn Fn(&Path)| {
        let folder = copy();
        change(folder.path());
        Press::load(folder.path(), true).err().unwrap().to_string()
    };
    let missing = refused(&|folder| fs::remove_file(folder.join("documents/en/reply.md")).unwrap());
    assert!(missing.contains("documents/en/reply.md") && missing.contains("cannot be read"), "{missing}");
    let foreign = refused(&|folder| fs::write(folder.join("documents/zh/notes.md"), "x").unwrap());
    assert!(foreign.contains("documents/zh/notes.md") && foreign.contains("no letter"), "{foreign}");
    // Where nothing is paid, no letter may say that something is.
    let unpaid = Press::load(copy().path(), false).err().unwrap().to_string();
    assert!(unpaid.contains("unknown letter award"), "{unpaid}");
}

#[test]
fn a_policy_without_letters_offers_none() {
    let press = Arc::new(Press::load(Path::new("policy-eu"), false).unwrap());
    let desk = DocumentDesk::new(press, POLICY.clone(), String::new());
    let case = replied();
    assert!(Issued::of_case(&case, &case).len() > 1 && desk.of_matter(&case, &case, &[]).is_empty());
}

fn all() -> impl Iterator<Item = (Story, Lang)> {
    [Lang::Zh, Lang::En].into_iter().flat_map(|lang| stories().into_iter().map(move |story| (story, lang)))
}

fn copy() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for below in ["documents", "documents/zh", "documents/en"] {
        fs::create_dir(folder.path().join(below)).unwrap();
        for entry in fs::read_dir(Path::new("policy").join(below)).unwrap().flatten() {
            if entry.path().is_file() {
                fs::copy(entry.path(), folder.path().join(below).join(entry.file_name())).unwrap();
            }
        }
    }
    folder
}

fn desk() -> Arc<DocumentDesk> {
    documents::desk_of(&POLICY)
}

/// The letter that the story is about.
async fn print(story: &Story, lang: Lang) -> Vec<u8> {
    let desk = desk();
    let answers = story.answers.as_ref().unwrap_or(&story.case);
    let all = desk.of_matter(&story.case, answers, &story.awards);
    let issued = all.iter().rfind(|issued| issued.kind == story.kind).unwrap();
    desk.print(lang, &story.case, issued, None).await.unwrap()
}

async fn print_of(desk: &DocumentDesk, case: &Case, id: &str) -> Vec<u8> {
    let all = desk.of_matter(case, case, &[]);
    let issued = all.iter().find(|issued| issued.id() == id).unwrap();
    desk.print(Lang::Zh, case, issued, None).await.unwrap()
}
