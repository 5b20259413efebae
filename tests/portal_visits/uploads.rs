//! How many files come in at once on the way without script, where the server seals each on a thread of its own.

use super::portal_support::{Browser, Site};
use axum::{
    body::{Body, Bytes},
    http::{Request, StatusCode, header},
};
use http_body_util::{
    BodyExt,
    channel::{Channel, Sender},
};
use std::convert::Infallible;
use tokio::task::JoinHandle;
use tower::ServiceExt;

const CROWDED: &str = "Too many files are on their way just now";
/// Of one report, and in all: `src/portal/device/upload/room.rs`, `MOST_SEALED_HERE`.
const OF_A_REPORT: usize = 6;
const IN_ALL: usize = 64;
/// Pieces after which one that is taken in is being sealed.
const PIECES: usize = 8;

/// A file that stands still on its way.
struct Coming {
    bytes: Sender<Bytes, Infallible>,
    answer: JoinHandle<(StatusCode, String)>,
}

/// Somebody who has sent a report and is at the page for files.
async fn reporter(site: &Site) -> Browser {
    let mut browser = Browser::new(site);
    site.to_check(&mut browser, "en", "nameless").await;
    site.send(&mut browser, "en").await;
    browser.get("/en/files?way=server").await;
    browser
}

/// Begins to send a file, until it is either being sealed or refused.
async fn begin(site: &Site, browser: &Browser) -> Coming {
    let (mut bytes, body) = Channel::<Bytes, Infallible>::new(1);
    let request = Request::post("/en/files")
        .header(header::COOKIE, &browser.cookie)
        .header(header::ACCEPT, "text/html")
        .header(header::CONTENT_TYPE, "multipart/form-data; boundary=XXX");
    let answer = site.router.clone().oneshot(request.body(Body::new(body)).unwrap());
    let answer = tokio::spawn(async move {
        let answer = answer.await.unwrap();
        let status = answer.status();
        (status, String::from_utf8(answer.into_body().collect().await.unwrap().to_bytes().to_vec()).unwrap())
    });
    let head = format!(
        "--XXX\r\nContent-Disposition: form-data; name=\"once\"\r\n\r\n{}\r\n\
         --XXX\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.pdf\"\r\n\r\n%PDF-1.4 ",
        browser.once
    );
    bytes.send_data(head.into()).await.unwrap();
    for _ in 0..PIECES {
        bytes.send_data(Bytes::from_static(&[b'x'; 1024])).await.unwrap();
    }
    Coming { bytes, answer }
}

impl Coming {
    /// The rest of it comes.
    async fn ends(mut self) -> (StatusCode, String) {
        self.bytes.send_data(Bytes::from_static(b"\r\n--XXX--\r\n")).await.unwrap();
        drop(self.bytes);
        self.answer.await.unwrap()
    }
}

#[tokio::test]
async fn one_report_has_a_few_of_them_and_all_together_as_many_as_there_are_threads_for() {
    let site = Site::new();
    let mut coming = Vec::new();
    let mut last = reporter(&site).await;
    for n in 0..IN_ALL {
        if n > 0 && n.is_multiple_of(OF_A_REPORT) {
            // Whoever has so many already is told, and the next one's are taken.
            let (status, page) = begin(&site, &last).await.ends().await;
            assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{n}");
            assert!(page.contains(CROWDED), "{n}: {page}");
            last = reporter(&site).await;
        }
        coming.push(begin(&site, &last).await);
    }
    let other = reporter(&site).await;
    let (status, page) = begin(&site, &other).await.ends().await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page.contains(CROWDED), "{page}");
    // Those under way end well, each place is free again, and so is one whose sender has gone.
    let (status, _) = coming.remove(0).ends().await;
    assert_eq!(status, StatusCode::SEE_OTHER);
    let took_its_place = begin(&site, &other).await;
    let Coming { bytes, answer } = coming.remove(0);
    drop(bytes);
    let (_, page) = answer.await.unwrap();
    assert!(page.contains("did not arrive whole"), "{page}");
    let next = begin(&site, &other).await;
    for coming in coming.into_iter().chain([took_its_place, next]) {
        assert_eq!(coming.ends().await.0, StatusCode::SEE_OTHER);
    }
}
