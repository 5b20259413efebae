//! Bodies of requests.

use super::{LITTLE, for_text, held};
use axum::{
    body::{Body, Bytes, HttpBody},
    extract::Request,
};
use mifeng::{
    portal::read_any,
    recipients::{RecipientSet, UntrustedSet},
    web::{Parts, Typed, text_of},
};
use std::{
    pin::Pin,
    sync::LazyLock,
    task::{Context, Poll},
};
use tokio::runtime::{Builder, Runtime};

/// As the portal reads a text part: more than a token or a choice ever has.
const SHORT_TEXT: usize = 256;
/// More than a page of ours has.
const MOST_PARTS: usize = 16;
const MOST_VALUES: usize = 64;

thread_local! {
    static RUNTIME: Runtime = Builder::new_current_thread().enable_time().build().expect("a runtime without threads");
}

/// A form in parts, arriving in pieces of the first byte's length: read as the portal reads one with a file.
pub fn multipart(data: &[u8]) {
    let Some((piece, body)) = data.split_first() else { return };
    let length = body.len();
    let body = Body::new(InPieces { rest: Bytes::copy_from_slice(body), piece: usize::from(*piece).max(1) });
    let request = Request::post("/zh/files").header("content-type", "multipart/form-data; boundary=b");
    let request = request.body(body).expect("a plain request");
    RUNTIME.with(|runtime| held(LITTLE, || runtime.block_on(read(request, length))));
}

async fn read(request: Request, length: usize) {
    let mut form = Parts::of(request).await.expect("the content type is a form's");
    let (mut parts, mut bytes) = (0, 0);
    while let Ok(Some(mut part)) = form.next().await {
        parts += 1;
        bytes += part.name().map_or(0, str::len) + part.file_name().map_or(0, str::len);
        if part.name() == Some("file") {
            while let Ok(Some(more)) = part.chunk().await {
                bytes += more.len();
            }
        } else if let Some(text) = text_of(part, SHORT_TEXT).await {
            assert!(text.len() < SHORT_TEXT);
            bytes += text.len();
        }
    }
    assert!(parts <= MOST_PARTS, "{parts} parts");
    // A header may name a part twice over (`name`, `filename*`), in percent signs or not: never longer than it was.
    assert!(bytes <= 2 * length, "{bytes} bytes of {length}");
}

/// A body of which a piece is always there.
struct InPieces {
    rest: Bytes,
    piece: usize,
}

impl HttpBody for InPieces {
    type Data = Bytes;
    type Error = std::convert::Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<hyper::body::Frame<Bytes>, Self::Error>>> {
        let most = self.piece.min(self.rest.len());
        let piece = self.rest.split_to(most);
        Poll::Ready((!piece.is_empty()).then_some(Ok(hyper::body::Frame::data(piece))))
    }
}

/// `a=b&c=d`.
pub fn form(data: &[u8]) {
    let Ok(typed) = held(for_text(data), || Typed::parse(data)) else { return };
    assert!(typed.pairs().count() <= MOST_VALUES);
    let encode = |text: &str| text.bytes().map(|byte| format!("%{byte:02x}")).collect::<String>();
    let pairs = typed.pairs().map(|(name, value)| format!("{}={}", encode(name), encode(value)));
    let again = Typed::parse(pairs.collect::<Vec<_>>().join("&").as_bytes());
    assert!(again.is_ok_and(|again| again == typed), "what was typed is typed again");
    for (name, value) in typed.pairs() {
        assert!(!value.contains(['\r', '\0']));
        assert!(typed.has(name) && typed.all(name).any(|each| each == value));
        let (plain, text) = (typed.plain(name), typed.text(name));
        assert!(plain.trim() == plain && text.trim() == text && typed.length(name) == text.chars().count());
    }
}

/// What a device sends, to any of its addresses.
pub fn device_body(data: &[u8]) {
    static SET: LazyLock<RecipientSet> = LazyLock::new(example_set);
    let (kinds, shaped) = held(for_text(data), || read_any(data, &SET));
    assert!(kinds.len() <= 1, "one body is one request: {kinds:?}");
    assert!(!shaped || kinds.is_empty());
}

/// The set of `keys-example/`.
pub fn example_set() -> RecipientSet {
    let set =
        UntrustedSet::parse(include_str!("../../keys-example/recipient-set.json")).expect("our own file");
    let pin = include_str!("../../keys-example/recipient-set.pin").parse().expect("our own file");
    set.pinned(&pin).expect("our own set")
}
