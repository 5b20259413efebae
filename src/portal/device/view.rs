//! "My report" as JSON, in the page's language: what the page without script shows, and messages as they are kept.

use super::answer::json;
use crate::{
    award::{record::Award, summary::ReporterView},
    casework::Case,
    documents::explained,
    mailbox::SealedMessage,
    portal::{
        PortalState, asks, award_objection,
        documents::{self, ShownDocument},
        files_page, log, mine,
        original::{self, ShownOriginal},
        report,
        visit::{Visit, Visitor},
    },
    store::Found,
    transcript,
    web::Lang,
};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

#[derive(Serialize)]
pub(super) struct View {
    /// For the next thing that is sent.
    once: String,
    report: String,
    version: String,
    status: String,
    next: Vec<String>,
    reply: Option<Reply>,
    reward: String,
    claim: Option<Offer>,
    /// The award is not paid, and its reporter can object to that.
    can_object_award: bool,
    documents: Vec<Document>,
    messages: Vec<Message>,
    can_add: bool,
    files: String,
    /// The reporter's own files, in order.
    attached: Vec<Attached>,
    history: Vec<report::ShownEvent>,
    content: Vec<(String, String)>,
    log: Vec<String>,
    can_withdraw: bool,
    can_object: bool,
    /// An original that was asked for: what the reporter is told, and whether it can be stopped.
    original: Option<ShownOriginal>,
    /// What deleting the report means now; nothing: it cannot be asked for.
    delete: Vec<String>,
    /// Deletion was asked for, and staff are to decide.
    deletion_waits: bool,
}

#[derive(Serialize)]
struct Reply {
    day: String,
    findings: String,
    handling: String,
    reward: String,
}

/// A file of the reporter's, as the page of files names it.
#[derive(Serialize)]
struct Attached {
    /// The sealed original: what it is removed by.
    blob: String,
    name: String,
    size: String,
    kept: String,
}

/// An award that can be claimed.
#[derive(Serialize)]
struct Offer {
    /// What the claim is signed over, as JSON: the device makes the hash, and shows amount and case from here. Staff who
    /// worked on the case are part of it.
    terms: String,
    until: String,
    how: Vec<String>,
}

/// What we send about the report.
#[derive(Serialize)]
struct Document {
    #[serde(flatten)]
    shown: ShownDocument,
    /// Where the PDF is.
    pdf: String,
}

/// Either words or what only the receipt opens.
#[derive(Serialize)]
struct Message {
    own: bool,
    day: String,
    text: String,
    sealed: Option<SealedMessage>,
    file: Option<File>,
}

/// A file of ours to the reporter. What it is called, and how long it is, is inside the label.
#[derive(Serialize)]
struct File {
    blob: String,
    /// About how large.
    size: String,
    label: SealedMessage,
    /// Where the sealed file is fetched, and where the age file inside it is.
    sealed: String,
    age: String,
}

/// The report as an answer to what was done to it.
pub(in crate::portal) fn shown(
    portal: &PortalState,
    visitor: &Visitor,
    visit: &mut Visit,
) -> Result<Response, Response> {
    Ok(json(&view(portal, visitor, visit)?))
}

pub(super) fn view(portal: &PortalState, visitor: &Visitor, visit: &mut Visit) -> Result<View, Response> {
    let lang = visitor.lang;
    let Some(found) = mine::find(portal, visitor, visit)? else {
        return Err(visitor.signed_out().into_response());
    };
    let log = log::about(portal, visit, lang);
    let case = &found.dossier.case;
    let is_open = !case.state.is_final();
    let award = found.dossier.award();
    let shown = found.dossier.for_reporter();
    Ok(View {
        once: visit.tokens.next(),
        report: found.report.to_string(),
        version: version(portal, lang, &found),
        status: lang.t(report::status_of(&found).key()),
        next: report::next(portal, lang, &found),
        reply: reply(lang, found.answers()),
        reward: report::reward(portal, lang, &found.dossier),
        can_object_award: award_objection::is_offered(&found),
        claim: award.zip(shown).and_then(|(award, shown)| offer(lang, award, &shown)),
        documents: documents::list(portal, lang, &found)
            .into_iter()
            .map(|shown| Document { pdf: visitor.href(&format!("/mine/documents/{}", shown.id)), shown })
            .collect(),
        messages: report::messages(lang, case, None)
            .into_iter()
            .map(|shown| message(visitor, shown))
            .collect(),
        can_add: is_open,
        files: match case.files.len() {
            0 => lang.t("files-none"),
            count => lang.t1("mine-files-count", "count", count),
        },
        attached: (1..).zip(&case.files).map(|(n, file)| attached(files_page::row(lang, file, n))).collect(),
        history: report::history(lang, case),
        content: report::content(portal, lang, case),
        log,
        can_withdraw: report::can_withdraw(case),
        can_object: case.may_object_until(portal.clock.today()).is_some(),
        original: original::shown(portal, lang, case),
        delete: if asks::may_delete(case) { asks::deletion(portal, lang, case) } else { Vec::new() },
        deletion_waits: case.open_deletion().is_some(),
    })
}

/// Changes with everything the page shows. Of the case that this one was merged into: with what is shown of it alone. Its
/// own version would count what its reporter does, to the second, for whoever else reported the matter.
pub(super) fn version(portal: &PortalState, lang: Lang, found: &Found) -> String {
    let award = found.dossier.award().map_or(0, |award| award.history().len());
    let own = format!("{}-{award}", found.dossier.case.version);
    if found.lead.is_none() {
        return own;
    }
    let (status, next) = (report::status_of(found).key(), report::next(portal, lang, found));
    let replied = found.answers().reply.as_ref().map(|reply| (reply.day, &reply.findings, &reply.handling));
    let shown = format!("{status} {next:?} {replied:?}");
    format!("{own}-{}", hex::encode(&transcript::hash("mifeng/v1/shown", &[shown.as_bytes()])[..8]))
}

fn reply(lang: Lang, case: &Case) -> Option<Reply> {
    let reply = report::reply(case)?;
    let reward = if reply.is_met { "mine-reply-reward-met" } else { "mine-reply-reward-not" };
    Some(Reply {
        day: lang.day(reply.day),
        findings: reply.findings,
        handling: reply.handling,
        reward: lang.t(reward),
    })
}

fn attached(row: files_page::Row) -> Attached {
    Attached { blob: row.original, name: row.name, size: row.size, kept: row.kept }
}

fn offer(lang: Lang, award: &Award, shown: &ReporterView) -> Option<Offer> {
    let ReporterView::CanBeClaimed { until, .. } = shown else { return None };
    Some(Offer {
        terms: award.terms().for_reporter().to_string(),
        until: lang.t1("claim-until", "day", lang.day(*until)),
        how: explained(lang, award),
    })
}

fn message(visitor: &Visitor, shown: report::ShownMessage) -> Message {
    let file = shown.file.map(|file| File {
        sealed: visitor.href(&format!("/device/from-office/{}", file.blob)),
        age: visitor.href(&format!("/mine/files/{}/age", file.blob)),
        blob: file.blob,
        size: file.size,
        label: file.file.label,
    });
    Message { own: shown.own, day: shown.day, text: shown.text, sealed: shown.sealed, file }
}
