//! What is refused before anything is asked, and what is refused of a copy.

use crate::house::{DAY, NEED, house, picture};
use axum::http::StatusCode;

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
