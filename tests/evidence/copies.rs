//! What is refused before anything is asked, and what is refused of a copy.

use crate::house::{DAY, House, NEED, house, picture};
use axum::http::{Method, StatusCode, header};
use mifeng::{
    evidence::{Change, Edits},
    signing::SigningKey,
};

const FILM: &[u8] = include_bytes!("../vectors/edits/film.mp4");
const SOUND: &[u8] = include_bytes!("../vectors/edits/sound.m4a");

async fn released() -> House {
    let house = house().await;
    house.ask().await;
    house.desk.pass(4 * DAY);
    house.release().await;
    house
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
        (b"%PDF-1.4\n%%EOF\n".to_vec(), true, "不收这种文件"),
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

#[tokio::test]
async fn a_film_and_a_recording_come_back_byte_for_byte_and_are_seen_once_looked_at() {
    let house = released().await;
    let said = [Change::CoveredFor { from: 3, to: 8 }, Change::VoicesChanged];
    let edits = house.statement(&[(FILM, said.to_vec()), (SOUND, vec![Change::VoicesChanged])]);
    let put = house.put_in_with("officer", &[FILM, SOUND], &["faces", "voices"], &edits).await;
    assert!(put.location.ends_with("done=copy"), "{}", put.text);
    let copies: Vec<_> = house.case().evidence[0].copies().to_vec();
    assert_eq!(copies.iter().map(|copy| copy.media.as_str()).collect::<Vec<_>>(), ["video/mp4", "audio/mp4"]);

    // The second person reads how they differ before anything else.
    let mut second = house.desk.sign_in_at_the_office("officer2").await;
    let page = second.get(&format!("/zh/originals/{}", house.number)).await.text;
    for words in ["第 3 秒到第 8 秒，有一处遮挡", "嗓音已变调", "从头到尾看过、听过"]
    {
        assert!(page.contains(words), "{words}: {page}");
    }
    for (copy, bytes) in copies.iter().zip([FILM, SOUND]) {
        let blob = copy.blob.to_string();
        let seen = second.get_bytes(&format!("/zh/originals/{}/copies/{blob}", house.number)).await;
        assert_eq!(seen, bytes);
        let joined = house.act("officer2", "join", &[("copy", &blob), ("looked", "yes")]).await;
        assert!(joined.location.ends_with("done=join"), "{}", joined.text);
        let mut investigator = house.desk.sign_in("inv1").await;
        let page = format!("/zh/cases/{}/copies/{blob}", house.number);
        let shown = investigator.get(&page).await.text;
        assert!(shown.contains("<video controls") || shown.contains("<audio controls"), "{shown}");
        assert_eq!(investigator.get_bytes(&format!("{page}/bytes")).await, bytes);
    }
}

/// Safari plays no film without, and no browser goes forward in one.
#[tokio::test]
async fn a_film_is_had_in_parts() {
    let house = released().await;
    let edits = house.statement(&[(FILM, vec![Change::CoveredFor { from: 3, to: 8 }])]);
    house.put_in_with("officer", &[FILM], &["faces"], &edits).await;
    let blob = house.case().evidence[0].copies()[0].blob.to_string();
    house.look("officer2", &blob).await;
    house.act("officer2", "join", &[("copy", &blob), ("looked", "yes")]).await;
    let at_the_office = format!("/zh/originals/{}/copies/{blob}", house.number);
    let at_the_console = format!("/zh/cases/{}/copies/{blob}/bytes", house.number);
    let (officer, investigator) =
        (house.desk.sign_in_at_the_office("officer2").await, house.desk.sign_in("inv1").await);
    for (mut staff, path) in [(officer, at_the_office), (investigator, at_the_console)] {
        let length = FILM.len();
        for (range, from, to) in [
            ("bytes=0-1", 0, 2),
            ("bytes=0-", 0, length),
            ("bytes=1000-1999", 1000, 2000),
            ("bytes=-7", length - 7, length),
            ("bytes=5-99999999999", 5, length),
        ] {
            let (status, headers, bytes) =
                staff.get_with(Method::GET, &path, &[(header::RANGE, range)]).await;
            assert_eq!(status, StatusCode::PARTIAL_CONTENT, "{range}");
            let said = headers[header::CONTENT_RANGE].to_str().unwrap();
            assert_eq!(said, format!("bytes {from}-{}/{length}", to - 1), "{range}");
            assert_eq!(headers[header::CONTENT_LENGTH], (to - from).to_string(), "{range}");
            assert_eq!(headers[header::CONTENT_TYPE], "video/mp4");
            assert_eq!(headers[header::CACHE_CONTROL], "no-store");
            assert!(bytes == FILM[from..to], "{range}");
        }
        let beyond = format!("bytes={length}-");
        let (status, headers, bytes) = staff.get_with(Method::GET, &path, &[(header::RANGE, &beyond)]).await;
        assert_eq!((status, bytes.len()), (StatusCode::RANGE_NOT_SATISFIABLE, 0));
        assert_eq!(headers[header::CONTENT_RANGE], format!("bytes */{length}"));
        let conditional = [(header::RANGE, "bytes=0-1"), (header::IF_RANGE, "\"of-another-film\"")];
        for with in
            [&conditional[..], &[(header::RANGE, "bytes=0-1,4-5")], &[(header::RANGE, "bytes=5-4")], &[]]
        {
            let (status, headers, bytes) = staff.get_with(Method::GET, &path, with).await;
            assert_eq!(status, StatusCode::OK, "{with:?}");
            assert_eq!((&headers[header::ACCEPT_RANGES], bytes == FILM), (&"bytes".parse().unwrap(), true));
        }
        let (status, ..) = staff.get_with(Method::HEAD, &path, &[(header::RANGE, "bytes=0-1")]).await;
        assert_eq!(status, StatusCode::OK, "a part is of what is got");
    }
}

#[tokio::test]
async fn a_film_that_may_say_more_than_it_shows_is_refused_and_leaves_nothing() {
    let house = released().await;
    let mut named = FILM.to_vec();
    let at = named.windows(12).position(|window| window == b"VideoHandler").unwrap();
    named[at..at + 12].copy_from_slice(b"VideoByWangW");
    let longer = [FILM, b"and more"].concat();
    for film in [&named, &longer, &FILM[..FILM.len() - 1].to_vec()] {
        let edits = house.statement(&[(film, vec![Change::SoundRemoved])]);
        let refused = house.put_in_with("officer", &[film], &["voices"], &edits).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", refused.text);
        assert!(refused.text.contains("这个录像或录音不收"), "{}", refused.text);
    }
    assert!(house.case().evidence[0].copies().is_empty());
}

/// M5: two ticks are not enough. What the tool found, in words, before the second person says yes.
#[tokio::test]
async fn an_unedited_copy_joins_only_when_both_say_that_they_know() {
    let house = released().await;
    let as_it_was = house.statement(&[(&picture(), vec![Change::AsItWas])]);
    let ticked = house.put_in_with("officer", &[&picture()], &["faces", "words"], &as_it_was).await;
    assert_eq!(ticked.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", ticked.text);
    assert!(ticked.text.contains("没有遮挡任何内容"), "{}", ticked.text);
    let put = house.put_in_with("officer", &[&picture()], &["nothing"], &as_it_was).await;
    assert!(put.location.ends_with("done=copy"), "{}", put.text);

    let blob = house.case().evidence[0].copies()[0].blob.to_string();
    let mut second = house.desk.sign_in_at_the_office("officer2").await;
    let page = second.get(&format!("/zh/originals/{}", house.number)).await.text;
    assert!(page.contains("和原件一样") && page.contains("没有遮挡原件的任何内容"), "{page}");
    house.look("officer2", &blob).await;
    let blind = house.act("officer2", "join", &[("copy", &blob), ("looked", "yes")]).await;
    assert_eq!(blind.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", blind.text);
    assert!(blind.text.contains("如果仍要加入案件"), "{}", blind.text);
    let knowing = [("copy", blob.as_str()), ("looked", "yes"), ("as-it-was", "yes")];
    assert!(house.act("officer2", "join", &knowing).await.location.ends_with("done=join"));
    // The other way round: nobody says of a covered copy that nothing in it was to be covered.
    let covered = house.statement(&[(&picture(), vec![Change::Covered { share: 9 }])]);
    let other = house.put_in_with("officer", &[&picture()], &["nothing"], &covered).await;
    assert_eq!(other.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", other.text);
}

/// A voice pitched otherwise covers no face: of a film its pictures count.
#[tokio::test]
async fn a_film_whose_pictures_are_bare_hides_nothing_whatever_was_done_to_its_sound() {
    let house = released().await;
    for said in [&[Change::PicturesKept, Change::VoicesChanged][..], &[Change::SoundRemoved]] {
        let edits = house.statement(&[(FILM, said.to_vec())]);
        for did in [&["voices"][..], &["faces", "voices"], &["nothing", "faces"]] {
            let refused = house.put_in_with("officer", &[FILM], did, &edits).await;
            assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{did:?}: {}", refused.text);
        }
        let put = house.put_in_with("officer", &[FILM], &["nothing", "voices"], &edits).await;
        assert!(put.location.ends_with("done=copy"), "{}", put.text);
    }
    let blob = house.case().evidence[0].copies()[0].blob.to_string();
    let mut second = house.desk.sign_in_at_the_office("officer2").await;
    let page = second.get(&format!("/zh/originals/{}", house.number)).await.text;
    for words in ["画面和原件一样", "嗓音已变调", "这个录像的画面没有任何遮挡"] {
        assert!(page.contains(words), "{words}: {page}");
    }
    house.look("officer2", &blob).await;
    let blind = house.act("officer2", "join", &[("copy", &blob), ("looked", "yes")]).await;
    assert_eq!(blind.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", blind.text);
    // A recording has no pictures: there its sound is all.
    let edits = house.statement(&[(SOUND, vec![Change::VoicesChanged])]);
    let put = house.put_in_with("officer", &[SOUND], &["voices"], &edits).await;
    assert!(put.location.ends_with("done=copy"), "{}", put.text);
}

#[tokio::test]
async fn a_copy_is_taken_only_with_what_the_offices_tool_says_of_these_very_bytes() {
    let house = released().await;
    let (file, changes) = (picture(), vec![Change::Covered { share: 9 }]);
    let honest = house.statement(&[(&file, changes.clone())]);
    let (set, key) = (&house.desk.set, house.office_signing());
    let other_request = serde_json::to_string(&Edits::sign(set, "2026-000001-F2", Vec::new(), &key)).unwrap();
    let stranger = SigningKey::from_seed([99; 32]);
    let forged = serde_json::to_string(&Edits::sign(set, "2026-000001-F1", Vec::new(), &stranger)).unwrap();
    let improved = honest.replace("9", "8");
    let other_bytes = house.statement(&[(FILM, changes)]);
    for (edits, sentence) in [
        ("", "请选择 mifeng-office 写在副本旁边的说明文件"),
        (other_request.as_str(), "另一个申请"),
        (&forged, "不是用发奖部门的密钥签的"),
        (&improved, "说明文件"),
        (&other_bytes, "没有提到其中一个文件"),
    ] {
        let refused = house.put_in_with("officer", &[&file], &["faces"], edits).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{sentence}: {}", refused.text);
        assert!(refused.text.contains(sentence), "{sentence}: {}", refused.text);
    }
    assert!(house.case().evidence[0].copies().is_empty());
    assert!(
        house.put_in_with("officer", &[&file], &["faces"], &honest).await.location.ends_with("done=copy")
    );
}
