//! A file goes up whole, and opens as it was: over a bad line, by both ways, with other people's program.

use super::{
    CASE, at, begin, body, case, finish, noise, place, put, put_all, refused, reporter, sealed_for, shown,
    stored,
};
use crate::portal_support::{self, Site};
use age::{secrecy::ExposeSecret, x25519::Identity as AgeKey};
use axum::http::{Method, StatusCode};
use mifeng::{
    casework::{Copy, SizeClass},
    cleartext::files::unseal_file,
    sealed_file::padme,
    store::{FileKind, Rewards},
};
use serde_json::{Value, json};
use std::{io::Cursor, process::Command};

#[tokio::test]
async fn a_file_goes_up_in_pieces_over_a_bad_line_and_opens_as_it_was() {
    let site = Site::new();
    let mut browser = reporter(&site).await;
    let begun = begin(&mut browser, "original").await;
    assert!(begun["files_recipient"].as_str().unwrap().starts_with("age1"));
    assert_eq!(begun["limits"], json!({ "piece": 1 << 20, "most_bytes": 200 << 20, "silence_seconds": 900 }));
    let (key, original) = (AgeKey::generate(), noise(2_500_000));
    let sealed = sealed_for(&begun, &key, &original);

    let look = at(&begun);
    assert_eq!(body(&browser.device(Method::GET, &look, "").await), json!({ "at": 0 }));
    put_all(&mut browser, &begun, &sealed[..1 << 20]).await;
    // A gap is refused, and the page learns where to go on; what is here already is not taken again.
    let gap = put(&mut browser, &begun, (1 << 20) + 1, &sealed[(1 << 20) + 1..2 << 20]).await;
    assert_eq!(refused(&gap, StatusCode::CONFLICT, "offset")["at"], 1 << 20);
    for (again, piece) in
        [(0, &sealed[..1 << 20]), (0, b"something else"), (500_000, &sealed[500_000..1_500_000])]
    {
        assert_eq!(body(&put(&mut browser, &begun, again, piece).await), json!({ "at": 1 << 20 }));
    }
    assert_eq!(body(&browser.device(Method::GET, &look, "").await), json!({ "at": 1 << 20 }));
    // Ended too early: nothing is lost by it.
    let early = finish(&mut browser, &begun, sealed.len(), None).await;
    assert_eq!(refused(&early, StatusCode::CONFLICT, "offset")["at"], 1 << 20);
    for (offset, piece) in (1 << 20..).step_by(300_000).zip(sealed[1 << 20..].chunks(300_000)) {
        let answer = put(&mut browser, &begun, offset, piece).await;
        assert_eq!(body(&answer), json!({ "at": offset + piece.len() }));
    }
    assert!(case(&site).files.is_empty(), "nothing is part of the report before the end");
    let kept = finish(&mut browser, &begun, sealed.len(), None).await;
    assert_eq!(body(&kept), json!({ "n": 1, "size": "10m", "copy": false }));
    // The answer was lost: the same question has the same answer, and there is one file.
    assert_eq!(finish(&mut browser, &begun, sealed.len(), None).await.text, kept.text);
    refused(&browser.device(Method::DELETE, &look, "").await, StatusCode::CONFLICT, "kept");
    let page = browser.get("/en/files").await.text;
    assert!(page.contains("File 1") && !page.contains("File 2") && page.contains("no copy"), "{page}");

    let files = case(&site).files;
    assert_eq!(files.len(), 1);
    assert_eq!(files[0].original, place(&begun).blob);
    assert!(stored(&site, files[0].original) == sealed, "stored as it was sent");
    let mut out = Vec::new();
    let keys = std::slice::from_ref(&key);
    let opened = unseal_file(Cursor::new(&sealed), keys, place(&begun), &mut out).unwrap();
    assert_eq!((opened.name_for_disk(), opened.media_type.as_str()), ("现场.mp4".into(), "video/mp4"));
    assert!(out == original);
    stock_age_opens(&stored(&site, files[0].original), &key, &original);
    assert_eq!(site.store.check().unwrap().problems, Vec::<String>::new());
}

fn stock_age_opens(sealed: &[u8], key: &AgeKey, original: &[u8]) {
    let folder = tempfile::tempdir().unwrap();
    let (key_file, age_file) = (folder.path().join("key"), folder.path().join("file.age"));
    let length = u64::from_be_bytes(sealed[sealed.len() - 8..].try_into().unwrap()) as usize;
    std::fs::write(&key_file, key.to_string().expose_secret()).unwrap();
    std::fs::write(&age_file, &sealed[2..2 + length]).unwrap();
    let out = Command::new("age").args(["--decrypt", "-i"]).arg(&key_file).arg(&age_file).output();
    let out = out.unwrap_or_else(|e| panic!("the age command is needed: run scripts/tools.sh: {e}"));
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    assert!(out.stdout.ends_with(original));
}

#[tokio::test]
async fn both_ways_leave_records_of_one_shape_and_one_copy() {
    let site = Site::new();
    let mut browser = reporter(&site).await;
    let picture = portal_support::png();
    // One byte less than 1 MiB before sealing: over it afterwards, whoever sealed.
    let film = [b"\0\0\0\x20ftypisom".as_slice(), &noise((1 << 20) - 13)].concat();

    browser.get("/en/files").await;
    assert_eq!(browser.upload("/en/files", "现场.mp4", &picture, true).await.location, "/en/files");
    browser.get("/en/files").await;
    assert_eq!(browser.upload("/en/files", "现场.mp4", &film, true).await.location, "/en/files");

    browser.get("/en/files").await;
    let copy = begin(&mut browser, "copy").await;
    assert_eq!((&copy["blob"], &copy["files_recipient"]), (&Value::Null, &Value::Null));
    put_all(&mut browser, &copy, &picture).await;
    assert_eq!(body(&finish(&mut browser, &copy, picture.len(), None).await), json!({}));
    assert_eq!(body(&finish(&mut browser, &copy, picture.len(), None).await), json!({}), "asked again");
    let begun = begin(&mut browser, "original").await;
    let sealed = sealed_for(&begun, &AgeKey::generate(), &picture);
    put_all(&mut browser, &begun, &sealed).await;
    let kept = finish(&mut browser, &begun, sealed.len(), Some(&copy)).await;
    assert_eq!(body(&kept), json!({ "n": 3, "size": "1m", "copy": true }));
    let begun = begin(&mut browser, "original").await;
    let sealed = sealed_for(&begun, &AgeKey::generate(), &film);
    put_all(&mut browser, &begun, &sealed).await;
    assert_eq!(finish(&mut browser, &begun, sealed.len(), None).await.status, StatusCode::OK);

    let case = case(&site);
    let [here, film_here, there, film_there] = case.files.as_slice() else { panic!("{:?}", case.files) };
    let (Copy::Cleaned { blob: a, media: x }, Copy::Cleaned { blob: b, media: y }) =
        (&here.copy, &there.copy)
    else {
        panic!("no copies")
    };
    assert_eq!(x, y);
    assert!(shown(&site, *a) == shown(&site, *b), "the copy is the same to the byte");
    assert_eq!((here.size, film_here.size), (SizeClass::UpTo1M, SizeClass::UpTo10M));
    assert_eq!((here.size, film_here.size), (there.size, film_there.size));
    assert_eq!((&film_here.copy, &film_there.copy), (&Copy::SealedOnly, &Copy::SealedOnly));
    let originals = Rewards::originals(&*site.store, CASE).unwrap();
    assert_eq!(originals.len(), 4);
    for file in [here, film_here, there, film_there] {
        let record = originals.iter().find(|record| record.blob == file.original).unwrap();
        assert_eq!(record.kind, FileKind::Original { sequence: 0 });
        assert!(padme(record.len) == record.len && record.len >= 32 * 1024);
    }
    let history: Vec<_> = case.history.iter().map(|event| (event.what, event.told.clone())).collect();
    let events = history.len();
    assert_eq!(history[events - 4], history[events - 2]);
    assert_eq!(history[events - 3], history[events - 1]);
}
