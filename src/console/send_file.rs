//! A file that goes to the reporter with a message: sealed to the receipt while it comes, so that it lies in clear on no
//! disk, and nobody here can open it again. The confirmation page sends both; what policy does not allow is said on it.

use super::ConsoleState;
use crate::{
    casework::{Case, MoveKind, SentFile, SizeClass},
    file_kind::FileKind,
    file_name,
    mailbox::file::{FileRefused, FileToReporter, MAX_NAME_BYTES},
    policy::Attachments,
    receipt::Mailbox,
    sealed_file::{ChunkSink, FilePlace, SinkRefused},
    staff::{May, Sent, grant, kept_at_sign_in, may_be_kept},
    store::{Refused, Upload},
    web::{
        Asked, Control, FORM_LIMIT, Field, FormRefused, Lang, NotWhole, PIECES_WAITING, Parts, Typed, drain,
        hand_over, line_ends, text_of,
    },
};
use axum::{
    body::{Body, Bytes},
    extract::{FromRequest, FromRequestParts, Request, multipart::Field as Part},
    http::{header, request::Parts as Head},
    response::{IntoResponse, Response},
};
use tokio::sync::mpsc;
use zeroize::Zeroizing;

/// The page has six, two of them buttons.
const MOST_PARTS: usize = 12;

/// What a form brought: who sent it, what was typed, and what became of the file.
pub(super) struct Received {
    pub may: May<grant::MoveCases>,
    pub typed: Typed,
    pub chosen: Chosen,
}

/// The file beside a message.
pub(super) enum Chosen {
    Nothing,
    /// Sealed and stored, not sent yet. Dropped, it leaves nothing behind.
    Sealed {
        upload: Box<Upload>,
        file: SentFile,
    },
    NotTaken(NotTaken),
}

impl Chosen {
    pub fn file(&self) -> Option<SentFile> {
        match self {
            Self::Sealed { file, .. } => Some(file.clone()),
            _ => None,
        }
    }
    pub fn upload(self) -> Option<Upload> {
        match self {
            Self::Sealed { upload, .. } => Some(*upload),
            _ => None,
        }
    }
}

/// Why a file was not taken; each has its sentence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NotTaken {
    Type,
    Ending(FileKind),
    Name,
    TooBig { mb: u64 },
    Empty,
    Full { most: u8 },
    Broken,
    Slow,
    Store,
}

impl NotTaken {
    /// What to do about it.
    pub fn sentence(self, lang: Lang, attachments: &Attachments) -> String {
        let joined = |endings: Vec<String>| endings.join(if lang == Lang::Zh { "、" } else { ", " });
        match self {
            Self::Type => lang.t1("send-file-type", "types", joined(endings(attachments))),
            Self::Ending(kind) => {
                let known = attachments.by_mime(kind.media_type());
                let endings = known.map(|t| t.endings.iter().map(ToString::to_string).collect());
                lang.t1("send-file-ending", "endings", joined(endings.unwrap_or_default()))
            }
            Self::Name => lang.t1("send-file-name", "most", MAX_NAME_BYTES),
            Self::TooBig { mb } => lang.t1("send-file-big", "mb", mb),
            Self::Empty => lang.t("send-file-empty"),
            Self::Full { most } => lang.t1("send-file-full", "most", most),
            Self::Broken => lang.t("send-file-broken"),
            Self::Slow => lang.t("send-file-slow"),
            Self::Store => lang.t("send-file-store"),
        }
    }

    fn by_store(refused: &Refused) -> Self {
        tracing::error!("console: a file to a reporter: {refused}");
        Self::Store
    }
}

impl From<NotWhole> for NotTaken {
    fn from(not_whole: NotWhole) -> Self {
        match not_whole {
            NotWhole::Broken => Self::Broken,
            NotWhole::Slow => Self::Slow,
        }
    }
}

impl From<FileRefused> for NotTaken {
    fn from(refused: FileRefused) -> Self {
        match refused {
            FileRefused::KindNotTaken => Self::Type,
            FileRefused::Ending(kind) => Self::Ending(kind),
            FileRefused::NameTooLong => Self::Name,
            FileRefused::TooLarge { max_bytes } => Self::TooBig { mb: max_bytes >> 20 },
            FileRefused::Empty => Self::Empty,
            FileRefused::NotStored => Self::Store,
        }
    }
}

/// Where the file is chosen: on the page that shows the message for the last time. `None` where policy sends none.
pub(super) fn field(lang: Lang, attachments: &Attachments) -> Option<Field> {
    let most = attachments.to_reporter().map(|(_, most)| most).max()?;
    let accept: Vec<String> = endings(attachments).iter().map(|ending| format!(".{ending}")).collect();
    let hint = lang.t_with(
        "send-file-hint",
        &[("mb", (most >> 20).into()), ("types", endings(attachments).join(", ").into())],
    );
    let control = Control::File { accept: accept.join(","), many: false };
    Some(Field::new(lang, "file", lang.t("send-file"), control).optional().hint(hint))
}

fn endings(attachments: &Attachments) -> Vec<String> {
    attachments.to_reporter().flat_map(|(t, _)| t.endings.iter().map(ToString::to_string)).collect()
}

/// A move's form, or the confirmation of a message with a file beside it.
pub(super) async fn receive(
    state: &ConsoleState,
    number: &str,
    mv: &str,
    request: Request,
) -> Result<Received, Response> {
    let kind = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let in_parts = kind.is_some_and(|kind| kind.starts_with("multipart/form-data"));
    if !in_parts || MoveKind::parse(mv) != Some(MoveKind::Say) {
        let Sent { may, typed } = Sent::from_request(request, state).await?;
        return Ok(Received { may, typed, chosen: Chosen::Nothing });
    }
    let (mut parts, body) = request.into_parts();
    let asked = Asked::of(&parts.uri, &parts.headers);
    // Nobody may make us read a file before we know who it is.
    let known = May::<grant::MoveCases>::from_request_parts(&mut parts, state).await;
    let case = known.and_then(|may| Ok((state.peek(&may, number)?.case, may)));
    let (case, may) = match case {
        Ok(known) => known,
        Err(answer) => {
            if may_be_kept(&state.door, &mut parts, answer.status()).await {
                return Err(words_kept(state, parts, body, answer).await);
            }
            drain(body).await;
            return Err(answer);
        }
    };
    let Ok(mut form) = Parts::of(Request::from_parts(parts.clone(), body)).await else {
        return Err(asked.form_refused(FormRefused::Broken).into_response());
    };
    let (mut typed, mut chosen) = (Typed::default(), Chosen::Nothing);
    for _ in 0..MOST_PARTS {
        let part = match form.next().await {
            Ok(Some(part)) => part,
            Ok(None) => break,
            Err(not_whole) => {
                chosen = Chosen::NotTaken(not_whole.into());
                break;
            }
        };
        let name = part.name().unwrap_or_default().to_owned();
        if name != "file" {
            let Some(text) = text_of(part, FORM_LIMIT).await else {
                return Err(asked.form_refused(FormRefused::Broken).into_response());
            };
            typed.set(&name, line_ends(text));
        } else if !may.owns_token(typed.raw("once")) {
            break;
        } else if typed.raw("step") != "back" {
            chosen = seal(state, &case, part).await;
            break;
        }
    }
    form.read_the_rest().await;
    if !may.owns_token(typed.raw("once")) {
        return Err(may.not_of_this_session(&state.door, &parts, &typed));
    }
    // Once more when it has come, as in `Sent`: whoever holds a request open is judged as things stand then.
    let may = match May::<grant::MoveCases>::from_request_parts(&mut parts, state).await {
        Ok(may) => may,
        Err(answer) => return Err(kept_at_sign_in(&state.door, &mut parts, &typed, answer).await),
    };
    if typed.raw("step").is_empty() {
        typed.set("step", "do");
    }
    Ok(Received { may, typed, chosen })
}

/// Of a form whose session was over before it came: its words wait at the sign-in page, or are shown to be copied, as in
/// `Sent`. The file, which stands after them, is not read and is chosen again.
async fn words_kept(state: &ConsoleState, mut parts: Head, body: Body, turned_away: Response) -> Response {
    // Nobody has shown who they are: all words together are no more than a form has.
    let (mut typed, mut room) = (Typed::default(), FORM_LIMIT);
    if let Ok(mut form) = Parts::of(Request::from_parts(parts.clone(), body)).await {
        for _ in 0..MOST_PARTS {
            let Ok(Some(part)) = form.next().await else { break };
            let name = part.name().unwrap_or_default().to_owned();
            if name == "file" {
                break;
            }
            let Some(text) = text_of(part, room).await else { break };
            room -= text.len();
            typed.set(&name, line_ends(text));
        }
        form.read_the_rest().await;
    }
    kept_at_sign_in(&state.door, &mut parts, &typed, turned_away).await
}

/// Seals what comes. A browser in which nothing was chosen sends a file without name and bytes.
async fn seal(state: &ConsoleState, case: &Case, mut part: Part<'_>) -> Chosen {
    let name = Zeroizing::new(part.file_name().unwrap_or_default().to_owned());
    let most = state.policy.intake.attachments.most;
    let is_full = case.sent_files().count() >= usize::from(most);
    let (pieces, waiting) = mpsc::channel::<Bytes>(PIECES_WAITING);
    let sealing = {
        let (state, case, name) = (state.clone(), (case.report, case.number), name.clone());
        tokio::task::spawn_blocking(move || {
            let mailbox = state.cases.mailbox(case.1).map_err(|refused| NotTaken::by_store(&refused))?;
            let mailbox = mailbox.ok_or(NotTaken::Store)?;
            let upload = state.cases.begin_sending(case.1).map_err(|refused| NotTaken::by_store(&refused))?;
            let place = FilePlace { report: case.0, blob: upload.blob() };
            seal_pieces(&state, upload, place, &mailbox, &name, waiting)
        })
    };
    let whole = hand_over(&mut part, pieces).await;
    let sealed = sealing.await.unwrap_or(Err(NotTaken::Store));
    match (whole, sealed) {
        (Err(not_whole), _) => Chosen::NotTaken(not_whole.into()),
        (Ok(()), Err(NotTaken::Empty)) if name.is_empty() => Chosen::Nothing,
        (Ok(()), Ok(_)) if is_full => Chosen::NotTaken(NotTaken::Full { most }),
        (Ok(()), Ok((upload, file))) => Chosen::Sealed { upload: Box::new(upload), file },
        (Ok(()), Err(why)) => Chosen::NotTaken(why),
    }
}

/// In a blocking task. An empty piece says that the file came whole; without it everything is forgotten.
fn seal_pieces(
    state: &ConsoleState,
    upload: Upload,
    place: FilePlace,
    mailbox: &Mailbox,
    name: &str,
    mut waiting: mpsc::Receiver<Bytes>,
) -> Result<(Upload, SentFile), NotTaken> {
    let attachments = &state.policy.intake.attachments;
    let ending = file_name::ending(&file_name::harmless(name));
    let rules = |kind: FileKind| {
        let known = attachments.by_mime(kind.media_type()).ok_or(FileRefused::KindNotTaken)?;
        let most = known.to_reporter_bytes.ok_or(FileRefused::KindNotTaken)?;
        let fits = known.endings.iter().any(|known| known.as_str() == ending);
        if fits { Ok(most) } else { Err(FileRefused::Ending(kind)) }
    };
    let mut file = FileToReporter::new(place, mailbox, name, &rules, ToStore { state, upload })?;
    loop {
        match waiting.blocking_recv() {
            None => return Err(NotTaken::Broken),
            Some(piece) if piece.is_empty() => break,
            Some(piece) => file.push(&piece)?,
        }
    }
    let sealed = file.finish()?;
    let size = SizeClass::of(sealed.sealed.bytes);
    Ok((sealed.sink.upload, SentFile { blob: place.blob, size, label: sealed.label }))
}

/// A file on its way into the store.
struct ToStore<'a> {
    state: &'a ConsoleState,
    upload: Upload,
}

impl ChunkSink for ToStore<'_> {
    fn chunk(&mut self, _: u32, bytes: &[u8]) -> Result<(), SinkRefused> {
        self.state.cases.keep_sending(&mut self.upload, bytes).wait().map_err(|refused| {
            NotTaken::by_store(&refused);
            SinkRefused
        })
    }
}
