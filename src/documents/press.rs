//! Makes a letter when it is asked for, in memory, and forgets it. Templates and font are read once, before the process gives
//! up its files.

use super::{
    font::{Font, readable},
    forms::Forms,
    issued::DocumentKind,
    letter::Letter,
    pdf,
    place::Place,
    sheet::{self, Content},
    template::Filled,
};
use crate::policy::{Lang, PolicyError};
use std::{collections::BTreeSet, path::Path, sync::Arc, time::Duration};
use tokio::sync::Semaphore;

/// Letters that are made at once; each takes a core and some megabytes for a fraction of a second.
const AT_ONCE: usize = 2;
/// How long one waits for its turn.
const WAIT: Duration = Duration::from_secs(10);
/// Characters without a shape that the note names; of more it gives the number alone.
const MOST_NAMED: usize = 12;

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotPrinted {
    #[error("too many letters are made at once")]
    Busy,
    #[error("the policy has no such letter")]
    Unknown,
    /// The cause can quote the text, so it is not kept.
    #[error("the letter could not be made")]
    NotMade,
}

/// Templates and font, tried once.
pub struct Press {
    /// `None`: the policy has no letters.
    forms: Option<Forms>,
    font: Font,
    room: Arc<Semaphore>,
}

impl Press {
    /// Reads `documents/` of the policy folder, if it has one, and makes each letter once.
    ///
    /// # Errors
    /// The first file that is missing, unknown or not what it should be, with line and reason.
    pub fn load(policy: &Path, rewards: bool) -> Result<Self, PolicyError> {
        let refuse = |reason: &str| PolicyError { file: "documents".into(), line: 0, reason: reason.into() };
        let forms = Forms::load(policy, rewards)?;
        let font = Font::load().ok_or_else(|| refuse("the program's own font cannot be read"))?;
        let press = Self { forms, font, room: Arc::new(Semaphore::new(AT_ONCE)) };
        for kind in press.forms.iter().flat_map(|forms| forms.letters.keys()) {
            for (lang, name) in
                Lang::ALL.into_iter().flat_map(|lang| kind.templates().iter().map(move |n| (lang, *n)))
            {
                let file = format!("documents/{}/{name}.md", lang.path());
                let specimen = Letter::specimen(*kind, lang, name);
                press
                    .make(&specimen)
                    .map_err(|_| PolicyError { file, ..refuse("no letter can be made of it") })?;
            }
        }
        Ok(press)
    }

    pub(super) fn forms(&self) -> Option<&Forms> {
        self.forms.as_ref()
    }

    /// The PDF, made on a thread of its own.
    pub(super) async fn print(self: Arc<Self>, letter: Letter) -> Result<Vec<u8>, NotPrinted> {
        let turn = tokio::time::timeout(WAIT, self.room.clone().acquire_owned()).await;
        let Ok(Ok(turn)) = turn else { return Err(NotPrinted::Busy) };
        let made = tokio::task::spawn_blocking(move || {
            let _turn = turn;
            self.make(&letter)
        });
        made.await.unwrap_or(Err(NotPrinted::NotMade))
    }

    fn make(&self, letter: &Letter) -> Result<Vec<u8>, NotPrinted> {
        let forms = self.forms.as_ref().ok_or(NotPrinted::Unknown)?;
        let template = forms.template(letter.lang, letter.template).ok_or(NotPrinted::Unknown)?;
        let lang = letter.lang;
        let texts =
            letter.texts.iter().map(|(place, all)| (*place, all.iter().map(|text| readable(text)).collect()));
        let texts = texts.collect();
        let mut content = Content {
            lang,
            body: readable(&letter.body),
            number: letter.number.clone(),
            title: letter.title.clone(),
            salutation: forms.sheet.salutation.get(lang).to_owned(),
            blocks: template.fill(&texts),
            day: lang.day(letter.day),
            foot: forms.foot(lang, &texts),
            page: forms.sheet.page.get_ref().get(lang).to_owned(),
            mark: letter.mark.as_deref().map(readable),
        };
        content.foot.extend(self.missing(forms.sheet.missing.get_ref().get(lang), &content));
        let pages = sheet::set(&self.font, &content).ok_or(NotPrinted::NotMade)?;
        let about =
            pdf::About { lang, title: letter.title.clone(), author: content.body.clone(), day: letter.day };
        // What it says can quote the letter.
        pdf::write(&self.font, &pages, about).map_err(|_| NotPrinted::NotMade)
    }

    /// The note on characters that the font has no shape for.
    fn missing(&self, note: &str, content: &Content) -> Option<String> {
        let words = content.blocks.iter().flat_map(Filled::texts).chain([content.body.as_str()]);
        let missing: Vec<char> = words.flat_map(str::chars).filter(|c| !self.font.has(*c)).collect();
        let named: BTreeSet<char> = missing.iter().copied().collect();
        let mut names: Vec<_> = named
            .iter()
            .take(MOST_NAMED)
            .map(|character| format!("U+{:04X}", u32::from(*character)))
            .collect();
        names.extend((named.len() > MOST_NAMED).then(|| "…".to_owned()));
        let note = note.replace("{count}", &missing.len().to_string());
        (!missing.is_empty()).then(|| note.replace("{characters}", &names.join(" ")))
    }
}

impl Letter {
    /// One with something in every place that the kind knows: texts like none a template should trip over.
    fn specimen(kind: DocumentKind, lang: Lang, template: &'static str) -> Self {
        Self {
            template,
            lang,
            title: kind.code().to_owned(),
            number: "2026-000001".to_owned(),
            body: "某某市应急管理局".to_owned(),
            day: jiff::civil::date(2026, 11, 27),
            texts: Place::of(kind).map(|place| (place, place.specimen())).collect(),
            mark: Some("li".to_owned()),
        }
    }
}
