//! Files of staff's to the reporter. Sealed as they are kept, they leave for the reporter's own script and for the stock
//! `age` command. On the labelled way without script the receipt comes once more, and the server opens one file for one
//! answer, piece by piece; it keeps neither the key nor a byte of the file.

use super::{
    PortalState, mine, refused_by_store, report,
    visit::{Visit, Visitor},
};
use crate::{
    casework::SentFile,
    mailbox::file::{self, Label, NotOpened, OpenedFile},
    receipt::Receipt,
    sealed_file::{self, FilePlace},
    store::FileBytes,
    web::{Errors, Form, Lang, Stored, pieces},
};
use axum::{
    extract::{Path, State},
    http::{HeaderName, StatusCode, header},
    response::{IntoResponse, Response},
};
use std::io::Read;

/// What is opened is not ours: a browser that would show it in place shows it without any right.
const NO_RIGHTS: &str = "sandbox; default-src 'none'; frame-ancestors 'none'";

/// A file as the reporter's page shows it.
#[derive(Clone)]
pub(super) struct ShownFile {
    pub blob: String,
    /// Its own name once the label is open; until then ours.
    pub name: String,
    pub size: String,
    /// As it is kept.
    pub file: SentFile,
}

impl ShownFile {
    /// The `n`th file of the report, from 1. Without the key, or where the label does not open, nothing of it is known.
    pub fn of(
        lang: Lang,
        n: usize,
        place: FilePlace,
        file: &SentFile,
        key: Option<&age::x25519::Identity>,
    ) -> Self {
        let label = key.and_then(|key| file::open_label(&file.label, place, key).ok());
        let (name, size) = match label {
            Some(label) => (label.name(), bytes(lang, label.bytes())),
            None => (lang.t1("mine-file-n", "n", n), lang.t(&format!("size-{}", file.size.code()))),
        };
        Self { blob: file.blob.to_string(), name, size, file: file.clone() }
    }
}

/// A size as people say it.
fn bytes(lang: Lang, bytes: u64) -> String {
    match bytes.div_ceil(1024) {
        kb @ ..1024 => lang.t1("mine-file-kb", "n", kb),
        kb => lang.t1("mine-file-mb", "n", format!("{:.1}", kb as f64 / 1024.0)),
    }
}

/// The whole sealed file, for the page's script, which checks and opens it.
pub(super) async fn sealed(
    State(portal): State<PortalState>,
    visitor: Visitor,
    Path(blob): Path<String>,
) -> Result<Response, Response> {
    let found = find(&portal, &visitor, &*visitor.signed_in().await?, &blob)?;
    let length = found.bytes.record().len;
    Ok(download(&format!("{}.sealed", found.n), length, Stored::new(found.bytes)))
}

/// The age file inside, for the stock command.
pub(super) async fn age_file(
    State(portal): State<PortalState>,
    visitor: Visitor,
    Path(blob): Path<String>,
) -> Result<Response, Response> {
    let found = find(&portal, &visitor, &*visitor.signed_in().await?, &blob)?;
    let n = found.n;
    let cut = move || {
        let length = age_bytes(&found.bytes)?;
        let file = file::age_file(Stored::new(found.bytes), length).map_err(|_| NotOpened::Sealed)?;
        Ok::<_, NotOpened>((length, file))
    };
    match tokio::task::spawn_blocking(cut).await {
        Ok(Ok((length, file))) => Ok(download(&format!("file-{n}.age"), length, file)),
        _ => Err(mine::down(&visitor)),
    }
}

/// The labelled way without script. The router ends the connection.
pub(super) async fn open(
    State(portal): State<PortalState>,
    visitor: Visitor,
    Path(blob): Path<String>,
    Form(typed): Form,
) -> Result<Response, Response> {
    let mut visit = visitor.signed_in().await?;
    visitor.own_form(&visit, &typed)?;
    let Some(own) = &visit.own else { return Err(visitor.ended().into_response()) };
    let receipt = Receipt::parse(typed.raw("receipt")).ok().filter(|receipt| receipt.auth() == own.auth);
    let mut errors = Errors::default();
    let Some(receipt) = receipt else {
        errors.add("receipt", visitor.lang.t("claim-receipt-wrong"));
        return Ok(report::report_page(&portal, &visitor, &mut visit, typed, errors));
    };
    let found = find(&portal, &visitor, &visit, &blob)?;
    // The visit is not held while bytes go out: other pages stay usable.
    drop(visit);
    let opened = tokio::task::spawn_blocking(move || opened(found, &receipt)).await;
    let Ok(Ok((label, file))) = opened else {
        let mut visit = visitor.signed_in().await?;
        errors.add("receipt", visitor.lang.t("mine-file-broken"));
        return Ok(report::report_page(&portal, &visitor, &mut visit, typed, errors));
    };
    Ok(download(&label.name(), label.bytes(), file))
}

/// In a blocking task. The key lives here and no longer.
fn opened(found: Kept, receipt: &Receipt) -> Result<(Label, OpenedFile<Stored>), NotOpened> {
    let key = receipt.mailbox_key();
    let label = file::open_label(&found.file.label, found.place, &key)?;
    let length = age_bytes(&found.bytes)?;
    Ok((label, file::open_file(Stored::new(found.bytes), length, &key)?))
}

fn age_bytes(bytes: &FileBytes) -> Result<u64, NotOpened> {
    let last = bytes.last_chunk().map_err(|refused| {
        refused_by_store(&refused);
        NotOpened::Sealed
    })?;
    sealed_file::age_bytes(&last, bytes.record().len).map_err(|_| NotOpened::Sealed)
}

/// A file of the report that the visit has open.
struct Kept {
    /// Which it is, from 1.
    n: usize,
    place: FilePlace,
    file: SentFile,
    bytes: FileBytes,
}

/// Only what the visit's own report lists is there.
fn find(portal: &PortalState, visitor: &Visitor, visit: &Visit, blob: &str) -> Result<Kept, Response> {
    let Some(found) = mine::find(portal, visitor, visit)? else {
        return Err(visitor.ended().into_response());
    };
    let mut files = found.dossier.case.sent_files().zip(1..);
    let Some((file, n)) = files.find(|(file, _)| file.blob.to_string() == blob) else {
        return Err(visitor.asked.notice(StatusCode::NOT_FOUND, "not-found").into_response());
    };
    let place = FilePlace { report: found.report, blob: file.blob };
    let bytes = portal.reports.file_to_reporter(place.report, place.blob).map_err(|refused| {
        refused_by_store(&refused);
        mine::down(visitor)
    })?;
    Ok(Kept { n, place, file: file.clone(), bytes })
}

/// An answer that a browser saves under this name and never shows; `length` bytes, or it breaks off.
fn download(name: &str, length: u64, from: impl Read + Send + 'static) -> Response {
    let disposition = format!("attachment; filename=\"file\"; filename*=UTF-8''{}", encoded(name));
    let headers: [(HeaderName, String); 4] = [
        (header::CONTENT_TYPE, "application/octet-stream".into()),
        (header::CONTENT_DISPOSITION, disposition),
        (header::CONTENT_LENGTH, length.to_string()),
        (header::CONTENT_SECURITY_POLICY, NO_RIGHTS.into()),
    ];
    (headers, pieces(from, length)).into_response()
}

/// RFC 8187: everything but letters and digits of ASCII, and three marks, in percent.
fn encoded(name: &str) -> String {
    let mut out = String::new();
    for byte in name.bytes() {
        match byte {
            b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' | b'.' | b'-' | b'_' => out.push(char::from(byte)),
            byte => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_cannot_leave_its_header() {
        assert_eq!(encoded("决定书 1.pdf"), "%E5%86%B3%E5%AE%9A%E4%B9%A6%201.pdf");
        assert_eq!(encoded("a\"; \r\nx: y'%"), "a%22%3B%20%0D%0Ax%3A%20y%27%25");
    }
}
