//! R10, the page: what is saved, and how more is added. Where its script runs, it seals on the device; without it, or
//! where that is chosen, the page says that the server does.

use super::{
    PortalState,
    kept::NotKept,
    mine,
    visit::{Visit, Visitor},
};
use crate::{
    casework::{CaseFile, Copy},
    policy::{Attachments, FileClass},
    web::{Choice, Control, Errors, Field, Lang, Page, Script, Typed, html, script, with_script},
};
use askama::Template;
use axum::{
    extract::{RawQuery, State},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use std::collections::BTreeMap;

/// Bytes a second of a poor mobile connection, for the warning how long an upload may take.
const SLOW: u64 = 64 * 1024;

pub(super) struct Row {
    pub name: String,
    pub size: String,
    pub kept: String,
    pub original: String,
    pub remove: String,
}

#[derive(Template)]
#[template(path = "portal/files.html")]
struct Files {
    page: Page,
    said: String,
    files: Vec<Row>,
    is_full: bool,
    can_remove: bool,
    most: u8,
    limits: String,
    minutes: String,
    copy: Field,
    file: Field,
    /// What seals on the device; none on the way where the server does.
    script: Option<&'static Script>,
    /// What the script needs, as JSON in an attribute.
    config: String,
    accept: String,
}

/// Who seals: the page's script, or, where that is chosen or there is none, the server.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Way {
    Device,
    Server,
}

pub(super) async fn show(
    State(portal): State<PortalState>,
    visitor: Visitor,
    RawQuery(query): RawQuery,
) -> Result<Response, Response> {
    let mut visit = visitor.with_report().await?;
    let way = if query.as_deref() == Some("way=server") { Way::Server } else { Way::Device };
    page(&portal, &visitor, &mut visit, way, Errors::default())
}

pub(super) fn page(
    portal: &PortalState,
    visitor: &Visitor,
    visit: &mut Visit,
    way: Way,
    mut errors: Errors,
) -> Result<Response, Response> {
    let lang = visitor.lang;
    let Some(found) = mine::find(portal, visitor, visit)? else {
        return Err(visitor.ended().into_response());
    };
    let attachments = &portal.policy.intake.attachments;
    let mb = |class| attachments.most_bytes_of(class).unwrap_or(0) >> 20;
    let (image, other) = (mb(FileClass::Image), mb(FileClass::Video).max(mb(FileClass::Document)));

    let status = if errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let said = mine::told(visit, lang, "files", &mut errors);
    let mut page = visitor.page("/files", lang.t("files-title"), visit);
    let files: Vec<Row> =
        found.dossier.case.files.iter().zip(1..).map(|(file, n)| row(lang, file, n)).collect();
    let mut copy = Field::checks(
        lang,
        "copy",
        lang.t("files-copy-legend"),
        vec![Choice::new("yes", lang.t("files-copy")).hint(lang.t("files-copy-hint"))],
    );
    if let Control::Checks(choices) = &mut copy.control {
        choices[0].chosen = true;
    }
    let accept = attachments.types.iter().flat_map(|t| t.endings.iter().map(|e| format!(".{e}")));
    let accept = accept.collect::<Vec<_>>().join(",");
    let file = Field::new(
        lang,
        "file",
        lang.t("files-label"),
        Control::File { accept: accept.clone(), many: false },
    )
    .filled(&Typed::default(), &errors);
    page.errors = errors;
    let can_remove = !found.dossier.case.state.is_final();
    let is_full = files.len() >= usize::from(attachments.most);
    let config = config(&page, attachments, files.len());
    let shown = html(
        status,
        &Files {
            page,
            said,
            files,
            is_full,
            can_remove,
            most: attachments.most,
            limits: lang.t_with(
                "files-limits",
                &[("most", attachments.most.into()), ("image", image.into()), ("other", other.into())],
            ),
            minutes: lang.t_with(
                "files-minutes",
                &[("mb", image.into()), ("minutes", ((image << 20) / SLOW).div_ceil(60).into())],
            ),
            copy,
            file,
            script: (way == Way::Device).then(|| script("reporter-files")),
            config,
            accept,
        },
    );
    Ok(if way == Way::Device { with_script(shown) } else { shown })
}

/// Words of the page that its script says, each filled in there.
const SAID_BY_SCRIPT: [(&str, &[&str]); 27] = [
    ("files-cannot", &[]),
    ("files-error-none", &[]),
    ("files-error-big", &["mb"]),
    ("files-too-many", &["left"]),
    ("files-mb", &["mb"]),
    ("files-waiting", &[]),
    ("files-going", &["percent"]),
    ("files-lost", &["percent", "seconds"]),
    ("files-crowded", &["percent", "seconds"]),
    ("files-kept", &["n", "how"]),
    ("files-cancelled", &[]),
    ("files-remove", &["n"]),
    ("files-changed", &[]),
    ("files-is-copy", &[]),
    ("files-is-sealed", &[]),
    ("files-overall", &["kept", "all", "percent"]),
    ("files-overall-done", &["kept", "all"]),
    ("files-overall-failed", &["kept", "all", "missed"]),
    ("files-say-going", &["name"]),
    ("files-say-percent", &["name", "percent"]),
    ("files-say-lost", &[]),
    ("files-say-crowded", &[]),
    ("files-say-found", &[]),
    ("files-say-kept", &["name"]),
    ("upload-misshapen", &[]),
    ("files-error-picture", &[]),
    ("files-error-broken", &[]),
];

fn config(page: &Page, attachments: &Attachments, files: usize) -> String {
    let mut words: BTreeMap<&str, String> = BTreeMap::new();
    for (key, names) in SAID_BY_SCRIPT {
        let places: Vec<_> = names.iter().map(|name| (*name, format!("{{{name}}}").into())).collect();
        words.insert(key, page.lang.t_with(key, &places));
    }
    words.insert("files-error-type", NotKept::Type.sentence(page.lang, attachments));
    let types: BTreeMap<_, _> = attachments
        .types
        .iter()
        .map(|t| (t.mime.as_str(), serde_json::json!({ "most": t.most_bytes, "copied": t.cleaned })))
        .collect();
    serde_json::json!({
        "once": page.once,
        "address": page.href("/device/files"),
        "remove": page.href("/files/remove?file="),
        "types": types,
        "left": usize::from(attachments.most).saturating_sub(files),
        "words": words,
    })
    .to_string()
}

pub(super) fn row(lang: Lang, file: &CaseFile, n: usize) -> Row {
    Row {
        name: lang.t1("files-one", "n", n),
        size: lang.t(&format!("size-{}", file.size.code())),
        kept: lang.t(match file.copy {
            Copy::Cleaned { .. } => "files-is-copy",
            Copy::SealedOnly => "files-is-sealed",
        }),
        original: file.original.to_string(),
        remove: lang.t1("files-remove", "n", n),
    }
}
