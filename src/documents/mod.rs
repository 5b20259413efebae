//! What an authority sends about a report, as accessible PDF (PDF/UA-1): made when it is asked for, from the case as it
//! is kept and the templates of `policy/documents/`, and forgotten.
//!
//! A letter says what the reporter's page says: the matter, what was decided, by which body, what comes next. Never a
//! name, never a receipt, nothing that would tell whether a name was given. What was decided once gives the same bytes
//! each time, as long as policy and case stay as they are: its dates are days, and nothing in it is drawn by chance.

mod around;
mod font;
mod forms;
mod issued;
mod letter;
mod lines;
mod pdf;
mod place;
mod press;
mod sheet;
mod template;

pub use issued::{DocumentKind, Issued};
pub(crate) use letter::explained;
pub use press::{NotPrinted, Press};

use crate::{
    award::record::Award,
    casework::Case,
    policy::{Lang, Policy},
};
use std::sync::Arc;

/// Where a face has letters made.
pub struct DocumentDesk {
    policy: Arc<Policy>,
    press: Arc<Press>,
    log_key: String,
}

impl DocumentDesk {
    /// `log_key`: what checks the public log, as printed on posters.
    pub fn new(press: Arc<Press>, policy: Arc<Policy>, log_key: String) -> Self {
        Self { policy, press, log_key }
    }

    /// What of a matter can be had now, in the order of its days. `own`: the case of whoever asks; `answers`: the one that
    /// it was merged into, if it was, else the same.
    pub fn of_matter<'a>(&self, own: &'a Case, answers: &'a Case, awards: &'a [Award]) -> Vec<Issued<'a>> {
        let mut all = self.of_case(own, answers);
        all.extend(Issued::of_awards(awards).into_iter().filter(|issued| self.offers(issued.kind)));
        all.sort_by_key(|issued| issued.day);
        all
    }

    /// The same without those about an award.
    pub fn of_case<'a>(&self, own: &'a Case, answers: &'a Case) -> Vec<Issued<'a>> {
        Issued::of_case(own, answers).into_iter().filter(|issued| self.offers(issued.kind)).collect()
    }

    fn offers(&self, kind: DocumentKind) -> bool {
        self.press.forms().is_some_and(|forms| forms.letters.contains_key(&kind))
    }

    /// Of a letter that can be had.
    pub fn title(&self, kind: DocumentKind, lang: Lang) -> &str {
        let form = self.press.forms().and_then(|forms| forms.letters.get(&kind));
        form.map_or("", |form| form.title.get(lang))
    }

    /// The PDF. `own`: the case of whoever asks, also where another one answers for its matter. `mark`: whose copy it is,
    /// if not the reporter's.
    ///
    /// # Errors
    /// If too many are made at once, or it cannot be made. The cause never quotes what was to stand in it.
    pub async fn print(
        &self,
        lang: Lang,
        own: &Case,
        issued: &Issued<'_>,
        mark: Option<String>,
    ) -> Result<Vec<u8>, NotPrinted> {
        let letter = self.letter(lang, own, issued).ok_or(NotPrinted::Unknown)?;
        let letter = letter::Letter { mark, ..letter };
        self.press.clone().print(letter).await
    }
}
