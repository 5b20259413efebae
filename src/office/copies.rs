//! How edited copies are shown to the office: what was done to each, what the tool found, who has looked at it.

use super::OfficeState;
use crate::{
    evidence::{Change, EditedCopy},
    policy::CopyLimits,
    staff::Member,
    web::{Lang, Page},
};

/// What is taken, by the policy.
pub(super) fn accept(limits: &CopyLimits) -> String {
    let kinds = [
        (limits.picture, "image/jpeg,image/png,image/webp,image/gif"),
        (limits.film, "video/mp4"),
        (limits.sound, "audio/mp4"),
    ];
    let taken: Vec<&str> = kinds.iter().filter(|(most, _)| most.is_some()).map(|(_, kind)| *kind).collect();
    taken.join(",")
}

pub(super) fn kinds(lang: Lang, limits: &CopyLimits) -> String {
    let kinds = [("picture", limits.picture), ("film", limits.film), ("sound", limits.sound)];
    let taken = kinds.into_iter().filter_map(|(kind, most)| Some((kind, most?)));
    let words: Vec<String> =
        taken.map(|(kind, most)| lang.t1(&format!("office-original-kind-{kind}"), "most", most)).collect();
    words.join(if lang == Lang::Zh { "；" } else { "; " })
}

/// How a copy differs from its original, in words.
fn changes(lang: Lang, copy: &EditedCopy) -> Vec<String> {
    let words = |change: &Change| {
        let numbers: Vec<_> =
            change.numbers().into_iter().map(|(name, number)| (name, number.into())).collect();
        lang.t_with(&format!("change-{}", change.code()), &numbers)
    };
    copy.changes.iter().map(words).collect()
}

pub(super) fn shown(
    state: &OfficeState,
    lang: Lang,
    may: &Member,
    page: &Page,
    base: &str,
    copy: &EditedCopy,
) -> ShownCopy {
    let measures: Vec<String> =
        copy.measures.iter().map(|measure| lang.t(&format!("measure-{}", measure.code()))).collect();
    let by = state.person(&copy.by);
    ShownCopy {
        blob: copy.blob.to_string(),
        href: page.href(&format!("{base}/copies/{}", copy.blob)),
        about: format!("{}, {by}", copy.day),
        measures: measures.join(if lang == Lang::Zh { "；" } else { "; " }),
        changes: changes(lang, copy),
        hides_nothing: copy.hides_nothing(),
        media: copy.media.split('/').next().unwrap_or_default().to_owned(),
        checked: copy
            .checked
            .as_ref()
            .map(|checked| format!("{}, {}", checked.day, state.person(&checked.by)))
            .unwrap_or_default(),
        is_own: copy.by == *may.id(),
    }
}

pub(super) struct ShownCopy {
    pub blob: String,
    pub href: String,
    pub about: String,
    pub measures: String,
    /// By the office's tool.
    pub changes: Vec<String>,
    pub hides_nothing: bool,
    /// `image`, `video` or `audio`.
    pub media: String,
    /// When and who; empty: nobody yet.
    pub checked: String,
    /// Put in by whoever looks at the page: another person must confirm it.
    pub is_own: bool,
}
