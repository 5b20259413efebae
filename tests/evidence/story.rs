//! From the wish to the end, and the reporter's no.

use crate::{
    canaries::Canaries,
    house::{DAY, House, NEED, REFUSAL, house, picture},
    needles::Needles,
};
use axum::http::StatusCode;
use mifeng::evidence::FilesState;
use std::io::Cursor;

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
    // A tick is not a look: the copy was never opened under this log-in.
    let ticked = house.act("officer2", "join", &[("copy", &blob), ("looked", "yes")]).await;
    assert_eq!(ticked.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(ticked.text.contains("请先打开副本"), "{}", ticked.text);
    house.look("officer2", &blob).await;
    let joined = house.act("officer2", "join", &[("copy", &blob), ("looked", "yes")]).await;
    assert!(joined.location.ends_with("done=join"), "{}", joined.text);

    let mut investigator = house.desk.sign_in("inv1").await;
    let page = investigator.get(&format!("/zh/cases/{}", house.number)).await.text;
    assert!(page.contains(&copy) && page.contains("面孔和身形已遮挡"), "{page}");
    let bytes = investigator.get_bytes(&format!("{copy}/bytes")).await;
    assert!(image::load_from_memory(&bytes).is_ok());
    let page = house.reporter().await.get("/zh/mine").await.text;
    assert!(page.contains("由第二个人检查后，交给了办案人员"), "{page}");

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

#[tokio::test]
async fn nobody_has_to_say_why_it_is_to_stay_closed() {
    let house = house().await;
    house.ask().await;
    let mut reporter = house.reporter().await;
    let page = reporter.get("/zh/mine/original").await.text;
    assert!(page.contains("选填"), "{page}");
    let stopped = reporter.post("/zh/mine/original", &[("refusal", "")]).await;
    assert_eq!(stopped.location, "/zh/mine", "{}", stopped.text);
    assert_eq!(house.case().evidence[0].state(), FilesState::Objected);
    let page = format!("/zh/cases/{}/original", house.number);
    let page = house.desk.sign_in("inv1").await.get(&page).await.text;
    assert!(page.contains("举报人阻止了") && !page.contains("举报人的理由"), "{page}");
}
