//! Who may do what to a request, and who may not.

use crate::house::{DAY, House, house, picture};
use axum::http::StatusCode;
use mifeng::{
    casework::{Event, MoveKind, Permission, Role, Who},
    clock::Day,
    ids::StaffId,
    policy::{Policy, Roles},
    store::{Cases, Dossier, Place, Step},
};

/// As if this person had investigated the case before their role was changed.
fn has_investigated(house: &House, login: &str, today: Day) {
    let by = Who::Staff(StaffId(login.into()));
    let change = move |dossier: &mut Dossier, _: &Place| {
        let state = dossier.case.state;
        let (what, reason, told) = (MoveKind::Begin, String::new(), String::new());
        dossier.case.history.push(Event { day: today, by, what, state, reason, told, until: None });
        Ok(None)
    };
    let step = Step { expected_version: None, sealed: None, change: Box::new(change) };
    Cases::change(&*house.desk.store, house.number, step).wait().unwrap();
}

#[tokio::test]
async fn whoever_has_investigated_neither_publishes_nor_gives_a_share_nor_puts_in_nor_checks() {
    let house = house().await;
    house.ask().await;
    house.desk.pass(4 * DAY);
    let today = house.desk.today();
    house.desk.hire("officer3", Role::RewardOfficer, None);
    house.desk.hire("tru3", Role::Trustee, Some(3));
    has_investigated(&house, "officer3", today);
    has_investigated(&house, "tru3", today);
    let published = house.act("officer3", "release", &[]).await;
    assert_eq!(published.status, StatusCode::CONFLICT, "{}", published.text);
    assert!(published.text.contains("必须由别人办理"), "{}", published.text);
    assert!(house.case().evidence[0].opening().is_none());

    assert!(house.act("officer", "release", &[]).await.location.ends_with("done=release"));
    let given = house.upload(3, &house.answer(&house.request(3).await.unwrap(), 3)).await;
    assert_eq!(given.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", given.text);
    assert!(given.text.contains("份额必须由别人交"), "{}", given.text);
    assert!(house.case().evidence[0].opening().unwrap().deposits.is_empty());
    for n in [1, 2] {
        let given = house.upload(n, &house.answer(&house.request(n).await.unwrap(), n)).await;
        assert!(given.location.ends_with("done=1"), "{}", given.text);
    }

    let put = house.put_in("officer3", &picture(), true).await;
    assert_eq!(put.status, StatusCode::CONFLICT, "{}", put.text);
    house.put_in("officer", &picture(), true).await;
    let blob = house.case().evidence[0].copies()[0].blob.to_string();
    let joined = house.act("officer3", "join", &[("copy", &blob), ("looked", "yes")]).await;
    assert_eq!(joined.status, StatusCode::CONFLICT, "{}", joined.text);
    assert!(house.case().evidence[0].joined().next().is_none());

    // A share names who handed it in, and whoever did opens nothing.
    let by: Vec<_> = house.case().evidence[0].history().iter().filter_map(|past| past.by.clone()).collect();
    assert!(by.contains(&StaffId("tru1".into())) && by.contains(&StaffId("tru2".into())), "{by:?}");
    let page = format!("/zh/cases/{}/original", house.number);
    let page = house.desk.sign_in("inv1").await.get(&page).await.text;
    assert!(!page.contains("tru1"), "which trustee is not the investigators' to know: {page}");
}

#[tokio::test]
async fn whoever_has_given_a_share_asks_for_nothing_in_that_case() {
    let house = house().await;
    house.ask().await;
    house.desk.pass(4 * DAY);
    house.release().await;
    let rules = &house.desk.policy.roles.acts_apart;
    let case = house.case();
    for (who, act) in [
        ("tru1", Permission::Investigate),
        ("tru1", Permission::OpenPackage),
        ("officer", Permission::Investigate),
        ("officer", Permission::ReleaseShare),
        ("inv1", Permission::ReleaseShare),
    ] {
        assert!(case.apart(&StaffId(who.into()), act, rules).is_err(), "{who} {act:?}");
    }
    assert!(case.apart(&StaffId("officer".into()), Permission::OpenPackage, rules).is_ok());
}

#[test]
fn a_policy_without_these_pairs_is_refused() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    for policy in ["policy", "policy-eu"] {
        let text = std::fs::read_to_string(folder.join(policy).join("roles.toml")).unwrap();
        let parse = |text: String| Roles::parse(&mifeng::policy::Source { file: "roles.toml".into(), text });
        assert!(parse(text.clone()).is_ok());
        for pair in [
            r#"["investigator", "trustee"],"#,
            r#"["investigate", "release_share"],"#,
            r#"["investigate", "open_package"],"#,
        ] {
            assert!(text.contains(pair), "{policy}: {pair}");
            assert!(parse(text.replacen(pair, "", 1)).is_err(), "{policy}: {pair}");
        }
    }
    assert!(Policy::load(&folder.join("policy")).is_ok());
}
