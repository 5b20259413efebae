//! An original as evidence, from the investigators' wish to the copy they see, over the real pages and a real store, with
//! the clock in hand: told, not objected to, published, two trustees, opened offline, edited, looked at by a second person.
#![cfg(feature = "open")]

#[path = "story_support/canaries.rs"]
#[allow(dead_code, unused_imports, reason = "pictures and strings alone are used here")]
mod canaries;
mod console_support;
mod evidence_support;
#[path = "story_support/needles.rs"]
#[allow(dead_code, reason = "every story uses its own part")]
mod needles;
mod store_support;

use axum::http::StatusCode;
use canaries::{Canaries, jpeg_with_exif};
use evidence_support::{DAY, House, NEED, REFUSAL};
use mifeng::{
    award::{
        approval::AwardTerms,
        release::{Deposit, Quorum, ReleaseRefused, ReleaseRequest, ReleaseTerms, Terms},
    },
    casework::State,
    cli::{office::check_files as check_package, trustee::NoShare},
    clock::Day,
    evidence::{FilesRelease, FilesReleaseRequest, FilesState, NotUnopposed, Unopposed},
    ids::StaffId,
    log::{
        Event, Frontier, Hash, Leaf, LeafEntry, NodeId, Nodes, Purpose,
        checkpoint::{self, Checkpoint, LogKey},
        proof::{Proof, Published},
    },
    receipt::AuditKey,
    signing::SigningKey,
    store::{Cases, Dossier, Inconsistent, Place, Refused, Step},
};
use needles::Needles;
use std::{collections::HashMap, io::Cursor};

fn picture() -> Vec<u8> {
    jpeg_with_exif(Canaries::new().exif)
}

async fn house() -> House {
    House::with(&picture(), &format!("{}.jpg", Canaries::new().picture_name)).await
}

#[tokio::test]
async fn an_original_is_told_published_shared_opened_edited_and_looked_at() {
    let house = house().await;
    let asked = house.ask().await;
    assert!(asked.location.ends_with("done=ask-original"), "{}", asked.text);

    // The reporter reads it, word for word, and what stays closed.
    let mut reporter = house.reporter().await;
    let page = reporter.get("/zh/mine").await.text;
    for words in [NEED, "阻止打开", "您的姓名部分不会打开", "用于法院审理", "2026 年 11 月 26 日"]
    {
        assert!(page.contains(words), "{words}: {page}");
    }

    // Until the days are over nothing can be published, however the officer goes about it.
    let early = house.act("officer", "release", &[]).await;
    assert_eq!(early.status, StatusCode::CONFLICT, "{}", early.text);
    house.desk.pass(3 * DAY);
    assert_eq!(
        house.act("officer", "release", &[]).await.status,
        StatusCode::CONFLICT,
        "the last day counts"
    );
    assert_eq!(house.case().evidence[0].state(), FilesState::Asked);
    house.desk.pass(DAY);
    house.release().await;
    assert_eq!(house.case().evidence[0].state(), FilesState::Released);
    let page = house.reporter().await.get("/zh/mine").await.text;
    assert!(page.contains("打开原件，作为证据") && page.contains("被打开过 1 次"), "{page}");

    // Offline: byte for byte, and nothing else.
    let (package, sealed) = (house.package().await, house.sealed().await);
    let again = house.package().await;
    assert_eq!(serde_json::to_string(&package).unwrap(), serde_json::to_string(&again).unwrap());
    let mut out = Vec::new();
    let opened = house.ready(&package).open(Cursor::new(&sealed), &house.desk.office_key, &mut out).unwrap();
    assert_eq!(out, picture());
    assert!(opened.name_for_disk().contains(Canaries::new().picture_name));

    // The edited copy is cleaned whatever it brings along, and nobody but the office sees it yet.
    let put = house.put_in("officer", &picture(), true).await;
    assert!(put.location.ends_with("done=copy"), "{}", put.text);
    let blob = house.case().evidence[0].copies()[0].blob.to_string();
    let copy = format!("/zh/cases/{}/copies/{blob}", house.number);
    let mut investigator = house.desk.sign_in("inv1").await;
    assert_eq!(investigator.get(&copy).await.status, StatusCode::NOT_FOUND);
    assert_eq!(investigator.get(&format!("{copy}/bytes")).await.status, StatusCode::NOT_FOUND);

    let own = house.act("officer", "join", &[("copy", &blob), ("looked", "yes")]).await;
    assert_eq!(own.status, StatusCode::CONFLICT, "nobody confirms their own copy: {}", own.text);
    let unseen = house.act("officer2", "join", &[("copy", &blob)]).await;
    assert_eq!(unseen.status, StatusCode::UNPROCESSABLE_ENTITY);
    let joined = house.act("officer2", "join", &[("copy", &blob), ("looked", "yes")]).await;
    assert!(joined.location.ends_with("done=join"), "{}", joined.text);

    let mut investigator = house.desk.sign_in("inv1").await;
    let page = investigator.get(&format!("/zh/cases/{}", house.number)).await.text;
    assert!(page.contains(&copy) && page.contains("面孔和身形已遮挡"), "{page}");
    let bytes = investigator.get_bytes(&format!("{copy}/bytes")).await;
    assert!(image::load_from_memory(&bytes).is_ok());
    let page = house.reporter().await.get("/zh/mine").await.text;
    assert!(page.contains("由第二个人检查后，交给了核查人员"), "{page}");

    let ended = house.act("officer", "end", &[("end", "副本已经够用。")]).await;
    assert!(ended.location.ends_with("done=end"), "{}", ended.text);
    let mut officer = house.desk.sign_in_at_the_office("officer").await;
    let package = officer.get(&format!("/zh/originals/{}/package", house.number)).await;
    assert_eq!(package.status, StatusCode::CONFLICT, "nothing is handed out after the end");
    assert!(house.case().evidence[0].opening().unwrap().deposits.is_empty());

    nothing_is_left(&house, &bytes).await;
}

/// Names, EXIF and bytes of the original: not in what staff were shown, nor in clear in the data folder.
async fn nothing_is_left(house: &House, copy: &[u8]) {
    let canaries = Canaries::new();
    let needles = Needles::new([("picture's name", canaries.picture_name), ("EXIF", canaries.exif)]);
    assert!(needles.found_in(copy).is_empty());
    let mut shown = Vec::new();
    for (login, pages) in [
        ("inv1", vec![format!("/zh/cases/{}", house.number), format!("/zh/cases/{}/original", house.number)]),
        ("tru1", vec![format!("/zh/releases/{}/original", house.number), "/zh/releases".into()]),
        ("auditor", vec!["/zh/trail".into()]),
    ] {
        let mut browser = house.desk.sign_in(login).await;
        for page in pages {
            shown.extend(browser.get(&page).await.text.into_bytes());
        }
    }
    let mut officer = house.desk.sign_in_at_the_office("officer").await;
    for page in ["/zh/originals".to_owned(), format!("/zh/originals/{}", house.number)] {
        shown.extend(officer.get(&page).await.text.into_bytes());
    }
    assert!(String::from_utf8_lossy(&shown).contains(NEED), "the search looks at something");
    assert!(needles.found_in(&shown).is_empty());
    let below = needles.found_below(house.desk.folder.path());
    assert!(below.is_empty(), "{below:?}");
}

#[tokio::test]
async fn a_reporter_who_objects_stops_it_for_good() {
    let house = house().await;
    house.ask().await;
    // After the days that were promised, but before anything is published.
    house.desk.pass(4 * DAY);
    let mut reporter = house.reporter().await;
    let page = reporter.get("/zh/mine/original").await.text;
    assert!(page.contains(NEED) && page.contains("仍然可以阻止"), "{page}");
    let empty = reporter.post("/zh/mine/original", &[("refusal", "")]).await;
    assert_eq!(empty.status, StatusCode::UNPROCESSABLE_ENTITY, "{} {}", empty.location, empty.text);
    let stopped = reporter.post("/zh/mine/original", &[("refusal", REFUSAL)]).await;
    assert_eq!(stopped.location, "/zh/mine", "{}", stopped.text);
    let page = reporter.get("/zh/mine").await.text;
    assert!(page.contains("您已经阻止") && page.contains(REFUSAL), "{page}");
    assert_eq!(house.case().evidence[0].state(), FilesState::Objected);

    let over = house.act("officer", "release", &[]).await;
    assert_eq!(over.status, StatusCode::CONFLICT, "{}", over.text);
    assert_eq!(house.request(1).await.unwrap_err(), StatusCode::NOT_FOUND);
    let page =
        house.desk.sign_in("inv1").await.get(&format!("/zh/cases/{}/original", house.number)).await.text;
    assert!(page.contains(REFUSAL) && page.contains("举报人阻止了"), "{page}");

    // Asked again, it is told again, and can be stopped again.
    let again = house.ask().await;
    assert!(again.location.ends_with("done=ask-original"), "{}", again.text);
    assert_eq!(house.act("officer", "release", &[]).await.status, StatusCode::CONFLICT);
    assert!(house.reporter().await.get("/zh/mine").await.text.contains("有人申请打开您的一个原始文件"));
}

/// What the tools refuse, and the store, whoever asks.
#[tokio::test]
async fn nothing_less_gives_a_share_or_opens() {
    let house = house().await;
    house.ask().await;
    let mut reporter = house.reporter().await;
    reporter.get("/zh/mine").await;
    reporter.post("/zh/mine/add", &[("message", "在二水平东翼。")]).await;
    house.desk.pass(4 * DAY);
    let published = house.act("officer", "release", &[]).await;
    assert!(published.location.ends_with("done=release"), "{}", published.text);

    let honest = house.request(1).await.unwrap();
    assert_eq!(honest.between.len(), 1, "what the reporter added since");
    let refused = |change: &dyn Fn(&mut FilesReleaseRequest)| {
        let mut request = honest.clone();
        change(&mut request);
        house.check(&request, 1).err().unwrap()
    };
    let not = |why: NoShare| match why {
        NoShare::NotUnopposed(why) => why,
        other => panic!("{other}"),
    };
    assert_eq!(not(refused(&|r| r.between.clear())), NotUnopposed::LeftOut);
    assert_eq!(not(refused(&|r| r.told = r.proof.clone())), NotUnopposed::NotTold);
    assert_eq!(not(refused(&|r| r.terms.files.need = "别的理由".into())), NotUnopposed::NotTold);
    let day_before = |day: Day| day.saturating_sub(jiff::ToSpan::days(1));
    assert_eq!(
        not(refused(&|r| r.terms.files.object_until = day_before(r.terms.files.object_until))),
        NotUnopposed::NotTold
    );
    assert!(matches!(refused(&|r| r.purpose = Purpose::Identity), NoShare::OtherPurpose));
    assert!(matches!(refused(&|r| r.terms.files.object_until = house.desk.today()), NoShare::StillOpen(_)));
    assert!(matches!(refused(&|r| r.terms.files.envelope = [1; 32]), NoShare::NotUnopposed(_)));
    assert!(matches!(refused(&|r| r.trustee = 2), NoShare::OtherTrustee(2)));
    // Neither kind of request is ever taken for the other.
    let text = serde_json::to_string(&honest).unwrap();
    assert!(serde_json::from_str::<ReleaseRequest>(&text).is_err());

    let first = house.answer(&honest, 1);
    assert!(house.upload(1, &first).await.location.ends_with("done=1"));
    let twice = house.upload(1, &first).await;
    assert!(
        twice.text.contains("已经交过") || twice.status == StatusCode::UNPROCESSABLE_ENTITY,
        "{}",
        twice.text
    );
    let stolen = house.upload(2, &first).await;
    assert_eq!(stolen.status, StatusCode::UNPROCESSABLE_ENTITY, "not theirs");
    let mut officer = house.desk.sign_in_at_the_office("officer").await;
    for file in ["package", "sealed"] {
        let early = officer.get(&format!("/zh/originals/{}/{file}", house.number)).await;
        assert_eq!(early.status, StatusCode::CONFLICT, "{file} with one share");
    }

    // A share for one purpose is none for the other.
    let set = &house.desk.set;
    let award = award_terms(&honest.terms);
    let payment = ReleaseTerms {
        purpose: Purpose::Identity,
        expires: honest.terms.expires(),
        leaf_index: honest.terms.leaf_index,
        leaf_n: honest.terms.leaf_n,
        award,
    };
    let today = house.desk.today();
    let taken = Quorum::gather(&payment, set, std::slice::from_ref(&first.deposit), today);
    assert_eq!(taken.err(), Some(ReleaseRefused::Signature(1)));
    let paid = Deposit::sign(&payment, set, 2, b"resealed", &SigningKey::from_seed([12; 32]));
    let forged = mifeng::award::release::ReleaseAnswer { deposit: paid, ..first.clone() };
    let refused = house.upload(2, &forged).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", refused.text);
    assert!(refused.text.contains("签名"), "{}", refused.text);

    let second = house.answer(&house.request(2).await.unwrap(), 2);
    assert!(house.upload(2, &second).await.location.ends_with("done=1"));
    let package = house.package().await;
    let one = mifeng::evidence::FilesPackage { deposits: package.deposits[..1].to_vec(), ..package.clone() };
    assert!(check_package(&one, &house.machine("office"), today).is_err());
    let mut other = house.sealed().await;
    other[40_000 % 30_000] ^= 1;
    let opened = house.ready(&package).open(Cursor::new(&other), &house.desk.office_key, Vec::new());
    assert!(opened.is_err(), "another file than was asked for");
    let with_trustees_key =
        house.ready(&package).open(Cursor::new(house.sealed().await), &house.desk.openings[0], Vec::new());
    assert!(with_trustees_key.is_err());

    // An answer of this request is none for a later one.
    assert!(house.act("officer", "end", &[("end", "不需要了，结束。")]).await.location.ends_with("done=end"));
    house.ask().await;
    house.desk.pass(4 * DAY);
    house.act("officer", "release", &[]).await;
    let replayed = house.upload(1, &first).await;
    assert_eq!(replayed.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", replayed.text);
    assert!(house.case().evidence[1].opening().unwrap().deposits.is_empty());
}

fn award_terms(release: &FilesRelease) -> AwardTerms {
    AwardTerms {
        instance: release.files.instance.clone(),
        report: release.files.report,
        case: release.files.case,
        award: 1,
        rule_and_inputs: [0; 32],
        base_fen: 1,
        approvals_needed: 2,
        computed: release.files.asked,
        worked_on: vec![],
    }
}

/// Whoever has the store in hand cannot put in an opening that was not announced, over an objection, or without telling.
#[tokio::test]
async fn the_store_takes_no_opening_without_its_leaf_and_none_over_an_objection() {
    let house = house().await;
    house.ask().await;
    house.desk.pass(4 * DAY);
    let today = house.desk.today();
    let publish = |with_leaf: bool| {
        let change = move |dossier: &mut Dossier, place: &Place| {
            let last = dossier.case.evidence.last_mut().unwrap();
            let by = StaffId("officer".into());
            *last = last.publish((place.index, place.n), place.envelopes.clone(), &by, today)?;
            let leaf = last.opening().map(|opening| opening.terms.leaf(today));
            dossier.case.version += 1;
            Ok(leaf.filter(|_| with_leaf))
        };
        let step = Step { expected_version: None, sealed: None, change: Box::new(change) };
        Cases::change(&*house.desk.store, house.number, step).wait()
    };
    assert!(matches!(publish(false), Err(Refused::ReleaseWithoutLeaf)));
    let mut reporter = house.reporter().await;
    reporter.get("/zh/mine/original").await;
    reporter.post("/zh/mine/original", &[("refusal", REFUSAL)]).await;
    assert!(matches!(publish(true), Err(Refused::Files(_))));
    // As if it had never been said.
    let forget = |dossier: &mut Dossier, _: &Place| {
        let mut case = serde_json::to_value(&dossier.case).unwrap();
        case["evidence"][0]["objection"] = serde_json::Value::Null;
        case["evidence"][0]["state"] = serde_json::json!({ "is": "asked" });
        dossier.case = serde_json::from_value(case).unwrap();
        Ok(None)
    };
    let step = Step { expected_version: None, sealed: None, change: Box::new(forget) };
    let forgotten = Cases::change(&*house.desk.store, house.number, step).wait();
    assert!(matches!(forgotten, Err(Refused::Inconsistent(Inconsistent::Evidence(_)))), "{forgotten:?}");
}

/// Taking back the file, withdrawing and deleting end what was asked, and leave nothing that opens.
#[tokio::test]
async fn a_reporter_who_takes_back_withdraws_or_deletes_ends_the_request() {
    let taken = house().await;
    taken.ask().await;
    let mut reporter = taken.reporter().await;
    reporter.get("/zh/mine/withdraw").await;
    reporter.post("/zh/mine/withdraw", &[]).await;
    assert_eq!(taken.case().state, State::Withdrawn);
    assert_eq!(taken.case().evidence[0].state().name(), "withdrawn");

    let deleted = house().await;
    deleted.ask().await;
    deleted.desk.pass(4 * DAY);
    deleted.release().await;
    let put = deleted.put_in("officer", &picture(), true).await;
    assert!(put.location.ends_with("done=copy"), "{}", put.text);
    let mut reporter = deleted.reporter().await;
    reporter.get("/zh/mine/delete").await;
    reporter.post("/zh/mine/delete", &[("deletion", "")]).await;
    let mut approver = deleted.desk.sign_in("app1").await;
    let path = format!("/zh/cases/{}/moves/grant-deletion", deleted.number);
    let version = approver.get(&path).await.hidden("version");
    let number = deleted.number.to_string();
    let fields = [
        ("version", version.as_str()),
        ("reason", "举报人要求删除，没有保留的理由。"),
        ("told", "您提交的内容已经删除。"),
        ("step", "do"),
        ("typed-number", &number),
    ];
    let granted = approver.post(&path, &fields).await;
    assert_eq!(granted.status, StatusCode::SEE_OTHER, "{}", granted.text);
    let request = &deleted.case().evidence[0];
    assert_eq!(request.state().name(), "deleted");
    assert!(request.copies().is_empty() && request.terms().need.is_empty());
    assert!(request.opening().unwrap().deposits.is_empty());
    let mut officer = deleted.desk.sign_in_at_the_office("officer").await;
    for file in ["package", "sealed"] {
        let gone = officer.get(&format!("/zh/originals/{}/{file}", deleted.number)).await;
        assert_eq!(gone.status, StatusCode::CONFLICT, "{file}");
    }
}

/// What is refused before anything is asked, and what is refused of a copy.
#[tokio::test]
async fn forms_that_say_too_little_are_sent_back() {
    let house = house().await;
    let mut investigator = house.desk.sign_in("inv1").await;
    let path = format!("/zh/cases/{}/original", house.number);
    let version = investigator.get(&path).await.hidden("version");
    let (file, short) = (house.original(), "要用");
    for (fields, sentence) in [
        (vec![("use", "court"), ("need", NEED)], "请选择一个文件"),
        (vec![("file", file.as_str()), ("need", NEED)], "请选择用途"),
        (vec![("file", file.as_str()), ("use", "court"), ("need", short)], "请写明为什么必须用原件"),
    ] {
        let fields: Vec<_> = fields.into_iter().chain([("version", version.as_str())]).collect();
        let refused = investigator.post(&path, &fields).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(refused.text.contains(sentence), "{sentence}: {}", refused.text);
    }
    let mut other = house.desk.sign_in("inv2").await;
    assert_eq!(other.get(&path).await.status, StatusCode::NOT_FOUND, "not theirs");
    house.ask().await;
    let again = house.ask().await;
    assert_eq!(again.status, StatusCode::CONFLICT, "one at a time");

    house.desk.pass(4 * DAY);
    house.release().await;
    for (file, ticked, sentence) in [
        (b"%PDF-1.4\n%%EOF\n".to_vec(), true, "只收 JPEG"),
        (b"\x89PNG\r\n\x1a\nbroken".to_vec(), true, "读不出来"),
        (Vec::new(), true, "请选择一个文件"),
        (picture(), false, "请选择您做了什么"),
    ] {
        let refused = house.put_in("officer", &file, ticked).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{sentence}: {}", refused.text);
        assert!(refused.text.contains(sentence), "{sentence}: {}", refused.text);
    }
    assert!(house.case().evidence[0].copies().is_empty());
}

#[derive(Default)]
struct Memory(HashMap<NodeId, Hash>);
impl Nodes for Memory {
    fn node(&self, id: NodeId) -> Option<Hash> {
        self.0.get(&id).copied()
    }
}

/// Leaves of one report as a log would have them that writes whatever it is told, each proven.
fn published(audit: &AuditKey, leaves: &[Leaf]) -> Vec<Published> {
    let key = SigningKey::from_seed([31; 32]);
    let log = LogKey::new("test/log".parse().unwrap(), key.verify_key());
    let (mut nodes, mut frontier) = (Memory::default(), Frontier::empty());
    let entries: Vec<LeafEntry> =
        (0..).zip(leaves).map(|(n, leaf)| LeafEntry::report(audit, n, leaf)).collect();
    for entry in &entries {
        nodes.0.extend(frontier.append(entry.as_bytes()));
    }
    let checkpoint = Checkpoint { origin: log.name().clone(), size: frontier.size(), root: frontier.root() };
    let signed = checkpoint::sign(&key, &checkpoint);
    let prove = |(index, entry): (u64, &LeafEntry)| {
        let size = frontier.size();
        Proof::make(&nodes, &signed, index, entry, size..size).unwrap().verify(&log, None).unwrap()
    };
    (0..).zip(&entries).map(prove).collect()
}

/// Even a server that stored an opening over an objection, or too early, gets no share as long as its log tells the truth.
#[tokio::test]
async fn a_log_that_tells_the_truth_is_enough_for_the_trustees() {
    let house = house().await;
    house.ask().await;
    let request = house.case().evidence[0].clone();
    let (terms, told) = (request.terms().clone(), mifeng::evidence::Told { leaf_index: 1, leaf_n: 1 });
    let audit = AuditKey([7; 32]);
    let day = |days: i64| terms.asked.saturating_add(jiff::ToSpan::days(days));
    let check = |between: &[Leaf], opened: i64| {
        let n = 2 + between.len();
        let release = FilesRelease {
            files: terms.clone(),
            told,
            leaf_index: n as u64,
            leaf_n: u8::try_from(n).unwrap(),
        };
        let leaves: Vec<Leaf> = [Leaf::plain(Event::Received, day(0)), terms.asked_leaf()]
            .into_iter()
            .chain(between.iter().cloned())
            .chain([release.leaf(day(opened))])
            .collect();
        let all = published(&audit, &leaves);
        Unopposed::check(&release, &audit, &all[1], &all[2..n], &all[n]).map(drop)
    };
    let added = Leaf::plain(Event::Added, day(1));
    assert_eq!(check(&[], 4), Ok(()));
    assert_eq!(check(&[added.clone(), added.clone()], 4), Ok(()));
    assert_eq!(check(std::slice::from_ref(&added), 3), Err(NotUnopposed::TooEarly(terms.object_until)));
    assert_eq!(check(&[added, terms.objected_leaf(day(1))], 4), Err(NotUnopposed::Objected));
    // The reporter does not accept what was decided about the matter: that is another objection.
    assert_eq!(check(&[Leaf::plain(Event::Objected, day(2))], 4), Ok(()));
}

/// As the tools' own files have it: a trustee's key, what the machine has pinned, a request, and what is said to it.
#[derive(serde::Serialize, serde::Deserialize)]
struct Vectors {
    opening: String,
    signing_seed: String,
    set: serde_json::Value,
    fingerprint: String,
    log_key: String,
    today: Day,
    honest: serde_json::Value,
    refused: Vec<RefusedVector>,
}

#[derive(serde::Serialize, serde::Deserialize)]
struct RefusedVector {
    about: String,
    request: serde_json::Value,
    /// The sentence of the Rust tool; the page says the same.
    why: String,
}

const VECTORS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/vectors/evidence-v1.json");

/// Every way in which a request is refused, frozen: this tool and the page (`web/test/evidence.test.ts`) say the same of it.
/// `MIFENG_WRITE_VECTORS=1` writes them anew.
#[tokio::test]
async fn the_frozen_requests_are_taken_and_refused_as_ever() {
    if std::env::var_os("MIFENG_WRITE_VECTORS").is_some() {
        write_vectors().await;
    }
    let vectors: Vectors = serde_json::from_slice(&std::fs::read(VECTORS).unwrap()).unwrap();
    let mut seed = [0; 32];
    hex::decode_to_slice(&vectors.signing_seed, &mut seed).unwrap();
    let key = mifeng::cli::keyfile::HolderKey {
        opening: vectors.opening.parse().unwrap(),
        signing: SigningKey::from_seed(seed),
    };
    let folder = tempfile::tempdir().unwrap();
    let set = folder.path().join("set.json");
    std::fs::write(&set, vectors.set.to_string()).unwrap();
    let state = mifeng::cli::pins::State::pin(
        &folder.path().join("state"),
        &set,
        &vectors.fingerprint.parse().unwrap(),
        Some(vectors.log_key.parse().unwrap()),
    )
    .unwrap();
    let check = |request: &serde_json::Value| {
        let request: FilesReleaseRequest = serde_json::from_value(request.clone()).unwrap();
        mifeng::cli::trustee::check_files(&request, &key, &state, vectors.today)
    };
    assert!(check(&vectors.honest).is_ok());
    assert!(vectors.refused.len() >= 15);
    for RefusedVector { about, request, why } in &vectors.refused {
        assert_eq!(check(request).err().unwrap().to_string(), *why, "{about}");
    }
}

async fn write_vectors() {
    let house = house().await;
    house.ask().await;
    house.desk.pass(4 * DAY);
    house.act("officer", "release", &[]).await;
    let real = house.request(1).await.unwrap();
    let audit = mifeng::receipt::Receipt::parse(&house.receipt).unwrap().audit_key();
    let key = SigningKey::from_seed([31; 32]);
    let log = LogKey::new("test/log".parse().unwrap(), key.verify_key());
    let terms = real.terms.files.clone();
    let day = |days: i64| terms.asked.saturating_add(jiff::ToSpan::days(days));
    // Logs that a server which signs whatever it likes could make.
    let prove = |leaves: &[Leaf], size: usize, which: usize| {
        let (mut nodes, mut frontier) = (Memory::default(), Frontier::empty());
        let entries: Vec<LeafEntry> =
            (0..).zip(&leaves[..size]).map(|(n, leaf)| LeafEntry::report(&audit, n, leaf)).collect();
        for entry in &entries {
            nodes.0.extend(frontier.append(entry.as_bytes()));
        }
        let head = Checkpoint { origin: log.name().clone(), size: frontier.size(), root: frontier.root() };
        let signed = checkpoint::sign(&key, &head);
        Proof::make(&nodes, &signed, which as u64, &entries[which], size as u64..size as u64).unwrap()
    };
    let craft = |between: &[Leaf], opened: i64| {
        let n = 2 + between.len();
        let mut request = real.clone();
        request.terms.told = mifeng::evidence::Told { leaf_index: 1, leaf_n: 1 };
        (request.terms.leaf_index, request.terms.leaf_n) = (n as u64, n as u8);
        let leaves: Vec<Leaf> = [Leaf::plain(Event::Received, day(0)), terms.asked_leaf()]
            .into_iter()
            .chain(between.iter().cloned())
            .chain([request.terms.leaf(day(opened))])
            .collect();
        request.told = prove(&leaves, n + 1, 1);
        request.between = (2..n).map(|i| prove(&leaves, n + 1, i)).collect();
        request.proof = prove(&leaves, n + 1, n);
        (request, leaves)
    };
    let added = Leaf::plain(Event::Added, day(1));
    let (honest, leaves) = craft(std::slice::from_ref(&added), 4);
    let mut all: Vec<(&str, FilesReleaseRequest)> = vec![
        ("an objection in between", craft(&[terms.objected_leaf(day(1))], 4).0),
        ("withdrawn in between", craft(&[Leaf::plain(Event::Withdrawn, day(1))], 4).0),
        ("opened on the last day to object", craft(&[added], 3).0),
    ];
    let mut with = |about: &'static str, change: &dyn Fn(&mut FilesReleaseRequest)| {
        let mut request = honest.clone();
        change(&mut request);
        all.push((about, request));
    };
    with("the asked leaf proven by an earlier checkpoint", &|r| r.told = prove(&leaves, 2, 1));
    with("an entry left out", &|r| r.between.clear());
    with("an entry twice", &|r| r.between.push(r.between[0].clone()));
    with("another leaf for the asked one", &|r| r.told = r.between[0].clone());
    with("another reason", &|r| r.terms.files.need = "别的理由".into());
    with("another file", &|r| r.terms.files.sealed[0] ^= 1);
    with("another envelope", &|r| r.terms.files.envelope[0] ^= 1);
    with("a shorter window", &|r| r.terms.files.object_until = day(2));
    with("no window", &|r| r.terms.files.object_until = day(0));
    with("a window still open", &|r| r.terms.files.object_until = day(4));
    with("run out", &|r| r.terms.files.good_until = day(3));
    with("longer than asked", &|r| r.terms.files.good_until = day(90));
    with("for an identity", &|r| r.purpose = Purpose::Identity);
    with("of another instance", &|r| r.terms.files.instance = mifeng::ids::Instance("other".into()));
    with("of another report", &|r| r.terms.files.report = mifeng::ids::ReportId::from_bytes([3; 16]));
    with("for another trustee", &|r| r.trustee = 2);
    with("another place of the opening", &|r| r.terms.leaf_index += 1);
    with("of another format", &|r| r.format = 2);
    let refused = all.into_iter().map(|(about, request)| RefusedVector {
        about: about.into(),
        why: house.check(&request, 1).err().unwrap_or_else(|| panic!("{about}")).to_string(),
        request: serde_json::to_value(request).unwrap(),
    });
    use age::secrecy::ExposeSecret;
    let vectors = Vectors {
        opening: house.desk.openings[0].to_string().expose_secret().into(),
        signing_seed: hex::encode([11; 32]),
        set: serde_json::to_value(&house.desk.set_file).unwrap(),
        fingerprint: house.desk.set_file.fingerprint().to_string(),
        log_key: log.to_string(),
        today: house.desk.today(),
        refused: refused.collect(),
        honest: serde_json::to_value(honest).unwrap(),
    };
    std::fs::write(VECTORS, serde_json::to_string(&vectors).unwrap() + "\n").unwrap();
}
