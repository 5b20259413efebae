//! Forms in parts that never come to an end: no more of them is read than a form of ours could have, and less is held.

#[allow(dead_code, reason = "tests/portal uses the rest")]
mod portal_support;

use axum::{
    body::{Body, Bytes, HttpBody},
    extract::Request,
    http::{StatusCode, header},
};
use hyper::body::Frame;
use mifeng::web::{NotWhole, Parts, text_of};
use portal_support::{Browser, Site};
use std::{
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
    task::{Context, Poll},
};

/// What may stand before a part, and how many parts there may be: `src/web/parts.rs`.
const MOST_AHEAD: usize = 64 * 1024;
const MOST_PARTS: usize = 16;
const PIECE: usize = 8 * 1024;

/// A body without end, and how many bytes of it were asked for.
struct Endless {
    begin: Option<&'static str>,
    again: Bytes,
    given: Arc<AtomicUsize>,
}

impl HttpBody for Endless {
    type Data = Bytes;
    type Error = axum::Error;
    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let piece = self.begin.take().map_or(self.again.clone(), Bytes::from);
        let given = self.given.fetch_add(piece.len(), Relaxed);
        assert!(given < 64 << 20, "read without end");
        Poll::Ready(Some(Ok(Frame::data(piece))))
    }
}

async fn read(begin: &'static str, again: &str) -> (Result<(), NotWhole>, usize) {
    let given = Arc::new(AtomicUsize::new(0));
    let again = Bytes::from(again.repeat(PIECE.div_ceil(again.len())));
    let body = Endless { begin: Some(begin), again, given: given.clone() };
    let request = Request::post("/").header(header::CONTENT_TYPE, "multipart/form-data; boundary=b");
    let mut parts = Parts::of(request.body(Body::new(body)).unwrap()).await.unwrap();
    let outcome = loop {
        match parts.next().await {
            Ok(Some(part)) => assert!(text_of(part, 1024).await.is_some()),
            Ok(None) => break Ok(()),
            Err(not_whole) => break Err(not_whole),
        }
    };
    (outcome, given.load(Relaxed))
}

#[tokio::test]
async fn what_comes_before_a_part_is_not_read_without_end() {
    let head = "--b\r\ncontent-disposition: form-data; name=a\r\n";
    for (what, begin, again) in [
        ("no part at all", "", "x"),
        ("a head without end", head, "a: b\r\n"),
        ("a line without end", head, "x"),
        ("after a part", "--b\r\ncontent-disposition: form-data; name=a\r\n\r\n1\r\n--b\r\n", "x"),
    ] {
        let (outcome, read) = read(begin, again).await;
        assert_eq!(outcome, Err(NotWhole::Broken), "{what}");
        assert!(read <= MOST_AHEAD + 3 * PIECE, "{what}: {read}");
    }
}

#[tokio::test]
async fn small_parts_do_not_go_on_without_end() {
    let part = "--b\r\ncontent-disposition: form-data; name=a\r\n\r\n1\r\n";
    let (outcome, read) = read(part, part).await;
    assert_eq!(outcome, Err(NotWhole::Broken));
    assert!(read <= 3 * MOST_PARTS * PIECE, "{read}");
}

/// Of this whole process: nothing else that takes memory may stand in this program.
#[tokio::test]
async fn a_form_part_of_any_size_is_not_held_in_memory() {
    let site = Site::new();
    let mut browser = Browser::new(&site);
    site.to_check(&mut browser, "en", "nameless").await;
    site.send(&mut browser, "en").await;
    browser.get("/en/files").await;
    let mut stranger = Browser::new(&site);
    for (who, status) in [(&mut browser, StatusCode::UNPROCESSABLE_ENTITY), (&mut stranger, StatusCode::GONE)]
    {
        for part in ["once", "copy", "any"] {
            let before = portal_support::most_memory();
            let answer = who.upload_endless("/en/files", part, 1 << 30).await;
            assert_eq!(answer.status, status, "{part}");
            let more = portal_support::most_memory().saturating_sub(before);
            assert!(more < 256 << 20, "{part}: {} MiB more", more >> 20);
        }
    }
}
