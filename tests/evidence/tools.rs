//! What the tools refuse, and the store.

use crate::{
    house::{DAY, REFUSAL, house},
    logs::published,
};
use axum::http::StatusCode;
use mifeng::{
    award::{
        approval::AwardTerms,
        release::{Deposit, Quorum, ReleaseRefused, ReleaseRequest, ReleaseTerms, Terms},
    },
    casework::Permission,
    cli::{office::check_files as check_package, trustee::NoShare},
    clock::Day,
    evidence::{FilesRelease, FilesReleaseRequest, NotUnopposed, Unopposed},
    ids::StaffId,
    log::{Event, Leaf, Purpose},
    receipt::AuditKey,
    signing::SigningKey,
    store::{Cases, Dossier, Inconsistent, Place, Refused, Step},
};
use std::io::Cursor;

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
    assert_eq!(not(refused(&|r| r.terms.files.need = "别的理由".into())), NotUnopposed::OtherWords);
    let day_before = |day: Day| day.saturating_sub(jiff::ToSpan::days(1));
    assert_eq!(
        not(refused(&|r| r.terms.files.object_until = day_before(r.terms.files.object_until))),
        NotUnopposed::OtherWords
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
        let apart = house.desk.policy.roles.acts_apart.clone();
        let change = move |dossier: &mut Dossier, place: &Place| {
            let by = dossier.case.apart(&StaffId("officer".into()), Permission::OpenPackage, &apart)?;
            let last = dossier.case.evidence.last_mut().unwrap();
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
        Unopposed::check(&release, &audit, &all[1], &all[2..n], &all[n], &all[n + 1..]).map(drop)
    };
    let added = Leaf::plain(Event::Added, day(1));
    assert_eq!(check(&[], 4), Ok(()));
    assert_eq!(check(&[added.clone(), added.clone()], 4), Ok(()));
    assert_eq!(check(std::slice::from_ref(&added), 3), Err(NotUnopposed::TooEarly(terms.object_until)));
    assert_eq!(check(&[added, terms.objected_leaf(day(1))], 4), Err(NotUnopposed::Objected));
    // The reporter does not accept what was decided about the matter: that is another objection.
    assert_eq!(check(&[Leaf::plain(Event::Objected, day(2))], 4), Ok(()));
}
