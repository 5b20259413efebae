//! What can be reported, where the rest goes, what the notice says, and how much fits into each answer.

use super::{
    source::{PolicyError, Source},
    text::Text,
    values::{Code, Length},
};
use serde::{Deserialize, Serialize};
use toml::Spanned;

/// `intake.toml`.
#[derive(Clone, Debug)]
pub struct Intake {
    pub service: Service,
    pub notice: Notice,
    /// Each kind once, in the order shown.
    pub kinds: Vec<Kind>,
    /// Each code once, in the order shown.
    pub industries: Vec<Industry>,
    pub out_of_scope: Vec<OutOfScope>,
    pub not_accepted: Vec<Ground>,
    /// How a report may come that staff enter, in the order shown.
    pub channels: Vec<Channel>,
    pub fields: Fields,
    pub attachments: Attachments,
}

/// Names and settings of the service as reporters meet it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Service {
    pub name: Text,
    /// Neutral: a browser's history shows it.
    pub tab_title: Text,
    /// The telephone line for those who cannot use the pages.
    pub hotline: String,
    /// Where "leave this page" ends: a dull public site.
    pub leave_to: String,
    /// Whether awards are paid. `false`: there is no folder `rewards/`, and nothing can be awarded.
    #[serde(default = "yes")]
    pub rewards: bool,
    /// Minutes without a request after which an unsent draft is gone.
    pub draft_idle_minutes: u32,
    /// Minutes in which a code to enter a report must be used at the reporters' pages.
    pub entry_code_minutes: u32,
}

fn yes() -> bool {
    true
}

/// What the reporter reads and agrees to, a paragraph each.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Notice {
    pub scope: Vec<Text>,
    pub rights: Vec<Text>,
    pub duties: Vec<Text>,
    /// What an anonymous reporter gives up.
    pub anonymous: Vec<Text>,
}

/// What is reported.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MatterKind {
    ConcealedAccident,
    Hazard,
    Violation,
    /// The reporter does not know; a clerk decides.
    Unsure,
}

impl MatterKind {
    pub const ALL: [Self; 4] = [Self::ConcealedAccident, Self::Hazard, Self::Violation, Self::Unsure];

    /// As in policy files, forms and filters.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ConcealedAccident => "concealed_accident",
            Self::Hazard => "hazard",
            Self::Violation => "violation",
            Self::Unsure => "unsure",
        }
    }
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == code)
    }
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Kind {
    pub kind: MatterKind,
    pub name: Text,
    pub hint: Text,
}

/// An industry in scope. Reward rules call it a sector.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Industry {
    pub code: Code,
    pub name: Text,
    /// Other codes by which case files may name it.
    #[serde(default)]
    pub also: Vec<Code>,
}

/// A sector somebody else is competent for: the page says who.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OutOfScope {
    pub code: Code,
    pub name: Text,
    /// The competent department.
    pub department: Text,
}

/// Why a report may be declined.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ground {
    pub code: Code,
    /// As the reporter reads it.
    pub text: Text,
    /// Holds only where the reporter has said, with both receipts, that an earlier report, which was accepted, is theirs
    /// too; any other repeat is merged.
    #[serde(default)]
    pub same_reporter: bool,
}

/// How a report came that a member of staff enters: by telephone, by letter, in person.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Channel {
    pub code: Code,
    pub name: Text,
}

/// The limits of every answer, counted by [`Length`].
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fields {
    pub target_name: Length,
    pub credit_code: Length,
    pub address: Length,
    pub narrative: Length,
    pub when: Length,
    pub message: Length,
    pub withdraw_reason: Length,
    pub person_name: Length,
    pub id_number: Length,
    pub mobile: Length,
    pub payee_name: Length,
    pub payee_bank: Length,
    pub payee_account: Length,
    /// How many people may sign one report besides the first.
    pub joint_signatories: u8,
    pub staff_note: Length,
    pub staff_reason: Length,
    pub staff_reply: Length,
}

impl Fields {
    /// What the script on the identity page needs to give the same verdicts: the JSON of `Limits` in
    /// `web/src/core/identity.ts`.
    pub fn identity_limits(&self) -> String {
        let limits = serde_json::json!({
            "person_name": self.person_name,
            "id_number": self.id_number,
            "mobile": self.mobile,
            "payee_name": self.payee_name,
            "payee_bank": self.payee_bank,
            "payee_account": self.payee_account,
            "joint_signatories": self.joint_signatories,
        });
        limits.to_string()
    }
}

/// Files a reporter may add.
#[derive(Clone, Debug)]
pub struct Attachments {
    /// Most files a report may have in all.
    pub most: u8,
    /// What investigators can be shown depends on the type; anything not listed is refused.
    pub types: Vec<FileType>,
}

/// A type of file, as recognised by its content.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FileType {
    /// As the content says, e.g. `image/jpeg`.
    pub mime: String,
    pub name: Text,
    pub class: FileClass,
    /// File name endings, without the dot.
    pub endings: Vec<Code>,
    pub most_bytes: u64,
    /// Whether a cleaned copy can be made for investigators; otherwise the file stays sealed.
    pub cleaned: bool,
    /// The largest file of this type that staff may send to a reporter, in bytes; `None`: none is sent.
    #[serde(default)]
    pub to_reporter_bytes: Option<u64>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FileClass {
    Image,
    Video,
    Audio,
    Document,
}

/// A sealed file's size is recorded in 32 KiB chunks; more than this no office will carry.
const MOST_FILE_BYTES: u64 = 2 << 30;
/// The envelope has room for ten.
const MOST_JOINT_SIGNATORIES: u8 = 10;

impl Intake {
    /// The codes of the industries: what a reward rule may be limited to.
    pub fn sectors(&self) -> Vec<Code> {
        self.industries.iter().map(|industry| industry.code.clone()).collect()
    }

    /// # Errors
    /// If something is missing, unknown, empty or stands twice, or a limit is out of range.
    pub fn parse(source: &Source) -> Result<Self, PolicyError> {
        let file: File = source.parse()?;
        let kinds = distinct(source, file.kind, |kind: &Kind| kind.kind)?;
        if let Some(missing) =
            MatterKind::ALL.iter().find(|kind| kinds.iter().all(|entry| entry.kind != **kind))
        {
            return Err(source.refuse_whole(format!("kind {} is missing", missing.as_str())));
        }
        let limits = file.fields.get_ref();
        if limits.joint_signatories > MOST_JOINT_SIGNATORIES {
            let reason = format!("at most {MOST_JOINT_SIGNATORIES} joint signatories fit into the envelope");
            return Err(source.refuse(&file.fields.span(), reason));
        }
        for entry in &file.attachments.types {
            let sizes = [
                ("most_bytes", Some(entry.get_ref().most_bytes)),
                ("to_reporter_bytes", entry.get_ref().to_reporter_bytes),
            ];
            let wrong = |size: Option<u64>| size.is_some_and(|size| !(1..=MOST_FILE_BYTES).contains(&size));
            if let Some((name, _)) = sizes.into_iter().find(|(_, size)| wrong(*size)) {
                let reason = format!("{name} must be 1 to {MOST_FILE_BYTES}");
                return Err(source.refuse(&entry.span(), reason));
            }
        }
        let service = file.service.get_ref();
        if !service.leave_to.starts_with("https://") || !(5..=1_440).contains(&service.draft_idle_minutes) {
            let reason = "leave_to must begin with https:// and draft_idle_minutes be 5 to 1,440";
            return Err(source.refuse(&file.service.span(), reason));
        }
        if !(1..=120).contains(&service.entry_code_minutes) {
            return Err(source.refuse(&file.service.span(), "entry_code_minutes must be 1 to 120"));
        }
        Ok(Self {
            service: file.service.into_inner(),
            notice: file.notice,
            kinds,
            industries: distinct(source, file.industry, |industry: &Industry| industry.code.clone())?,
            out_of_scope: distinct(source, file.out_of_scope, |sector: &OutOfScope| sector.code.clone())?,
            not_accepted: distinct(source, file.not_accepted, |ground: &Ground| ground.code.clone())?,
            channels: distinct(source, file.channel, |channel: &Channel| channel.code.clone())?,
            fields: file.fields.into_inner(),
            attachments: Attachments {
                most: file.attachments.most,
                types: distinct(source, file.attachments.types, |file: &FileType| file.mime.clone())?,
            },
        })
    }

    pub fn kind(&self, kind: MatterKind) -> &Kind {
        // Unwrap safety: `parse` refuses a file in which a kind is missing.
        self.kinds.iter().find(|entry| entry.kind == kind).unwrap()
    }
    /// By its code or another code it goes by.
    pub fn industry(&self, code: &str) -> Option<&Industry> {
        self.industries.iter().find(|industry| {
            industry.code.as_str() == code || industry.also.iter().any(|also| also.as_str() == code)
        })
    }
    pub fn out_of_scope(&self, code: &str) -> Option<&OutOfScope> {
        self.out_of_scope.iter().find(|sector| sector.code.as_str() == code)
    }
    pub fn channel(&self, code: &str) -> Option<&Channel> {
        self.channels.iter().find(|channel| channel.code.as_str() == code)
    }
    pub fn ground(&self, code: &str) -> Option<&Ground> {
        self.not_accepted.iter().find(|ground| ground.code.as_str() == code)
    }
}

impl Attachments {
    /// The entry for a content type, e.g. `image/png`.
    pub fn by_mime(&self, mime: &str) -> Option<&FileType> {
        self.types.iter().find(|entry| entry.mime == mime)
    }
    /// The size of the largest file any type allows, in bytes.
    pub fn most_bytes(&self) -> u64 {
        self.types.iter().map(|entry| entry.most_bytes).max().unwrap_or(0)
    }
    /// The types that staff may send to a reporter, each with its largest size in bytes.
    pub fn to_reporter(&self) -> impl Iterator<Item = (&FileType, u64)> {
        self.types.iter().filter_map(|entry| Some((entry, entry.to_reporter_bytes?)))
    }
    /// The size of the largest picture of which a copy is made, in bytes.
    pub fn most_picture_bytes(&self) -> u64 {
        self.types.iter().filter(|entry| entry.cleaned).map(|entry| entry.most_bytes).max().unwrap_or(0)
    }
    /// The size limit of a class, in bytes: what the page tells before a file is chosen.
    pub fn most_bytes_of(&self, class: FileClass) -> Option<u64> {
        self.types.iter().filter(|entry| entry.class == class).map(|entry| entry.most_bytes).max()
    }
}

/// The entries, of which there is at least one and none stands twice.
fn distinct<T, K: PartialEq + std::fmt::Debug>(
    source: &Source,
    written: Vec<Spanned<T>>,
    key: impl Fn(&T) -> K,
) -> Result<Vec<T>, PolicyError> {
    let mut entries: Vec<T> = Vec::with_capacity(written.len());
    for entry in written {
        let (span, entry) = (entry.span(), entry.into_inner());
        if entries.iter().any(|other| key(other) == key(&entry)) {
            return Err(source.refuse(&span, format!("{:?} stands twice", key(&entry))));
        }
        entries.push(entry);
    }
    if entries.is_empty() {
        return Err(source.refuse_whole("a list must not be empty"));
    }
    Ok(entries)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    service: Spanned<Service>,
    notice: Notice,
    kind: Vec<Spanned<Kind>>,
    industry: Vec<Spanned<Industry>>,
    out_of_scope: Vec<Spanned<OutOfScope>>,
    not_accepted: Vec<Spanned<Ground>>,
    channel: Vec<Spanned<Channel>>,
    fields: Spanned<Fields>,
    attachments: AttachmentsFile,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AttachmentsFile {
    most: u8,
    types: Vec<Spanned<FileType>>,
}
