//! Fields of a form and the problems with what was typed into them.

use super::{Lang, Typed};
use askama::Template;

/// Problems by field, in the order of the form. The same sentence stands in the summary and at the field.
#[derive(Clone, Default, Debug, PartialEq, Eq)]
pub struct Errors(Vec<(String, String)>);

impl Errors {
    /// Says what to do about the field `name`. Only the first sentence for a field is kept.
    pub fn add(&mut self, name: &str, sentence: impl Into<String>) {
        if self.of(name).is_none() {
            self.0.push((name.to_owned(), sentence.into()));
        }
    }
    pub fn of(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|error| error.0 == name).map(|error| error.1.as_str())
    }
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
    pub fn list(&self) -> &[(String, String)] {
        &self.0
    }
    /// "There are 2 problems".
    pub fn headline(&self, lang: &Lang) -> String {
        lang.t1("errors-headline", "count", self.0.len())
    }
}

/// One way to answer a question.
#[derive(Clone, Default, Debug)]
pub struct Choice {
    pub value: String,
    pub label: String,
    /// One or more lines under the label; empty: none.
    pub hint: String,
    /// A heading above this choice and those after it; empty: none.
    pub group: String,
    pub chosen: bool,
}

impl Choice {
    pub fn new(value: impl Into<String>, label: impl Into<String>) -> Self {
        Self { value: value.into(), label: label.into(), ..Self::default() }
    }
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = hint.into();
        self
    }
}

/// How a field is answered.
#[derive(Clone, Debug)]
pub enum Control {
    /// One line; `width` is the class `w-5`, `w-10`, `w-20` or empty for full width.
    Line {
        width: &'static str,
        numeric: bool,
    },
    Password,
    Area {
        rows: u8,
    },
    Radios(Vec<Choice>),
    Checks(Vec<Choice>),
    Select(Vec<Choice>),
    /// Year, month, day in three boxes: `{name}-year`, `{name}-month`, `{name}-day`.
    Date {
        year: String,
        month: String,
        day: String,
    },
    File {
        accept: String,
        many: bool,
    },
}

/// A label, perhaps a hint, perhaps an error, and something to type into. `{{ field|safe }}` in a template shows it.
#[derive(Template)]
#[template(path = "field.html")]
pub struct Field {
    pub lang: Lang,
    pub name: String,
    pub label: String,
    pub hint: String,
    /// A heading above the field and those after it; empty: none.
    pub above: String,
    pub error: String,
    pub value: String,
    pub optional: bool,
    /// The label is the page's `h1` (pages with one question).
    pub is_heading: bool,
    /// The control has no `name`: nothing but the page's own script can read it, and no form can send it.
    pub is_local: bool,
    pub control: Control,
}

impl Field {
    pub fn new(lang: Lang, name: &str, label: impl Into<String>, control: Control) -> Self {
        Self {
            lang,
            name: name.to_owned(),
            label: label.into(),
            hint: String::new(),
            above: String::new(),
            error: String::new(),
            value: String::new(),
            optional: false,
            is_heading: false,
            is_local: false,
            control,
        }
    }
    pub fn line(lang: Lang, name: &str, label: impl Into<String>) -> Self {
        Self::new(lang, name, label, Control::Line { width: "", numeric: false })
    }
    /// One line for digits: opens the number pad. `width` as in [`Control::Line`].
    pub fn digits(lang: Lang, name: &str, label: impl Into<String>, width: &'static str) -> Self {
        Self::new(lang, name, label, Control::Line { width, numeric: true })
    }
    pub fn area(lang: Lang, name: &str, label: impl Into<String>, rows: u8) -> Self {
        Self::new(lang, name, label, Control::Area { rows })
    }
    pub fn radios(lang: Lang, name: &str, label: impl Into<String>, choices: Vec<Choice>) -> Self {
        Self::new(lang, name, label, Control::Radios(choices))
    }
    pub fn checks(lang: Lang, name: &str, label: impl Into<String>, choices: Vec<Choice>) -> Self {
        Self::new(lang, name, label, Control::Checks(choices))
    }
    pub fn select(lang: Lang, name: &str, label: impl Into<String>, choices: Vec<Choice>) -> Self {
        Self::new(lang, name, label, Control::Select(choices))
    }

    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = hint.into();
        self
    }
    pub fn above(mut self, heading: impl Into<String>) -> Self {
        self.above = heading.into();
        self
    }
    pub fn optional(mut self) -> Self {
        self.optional = true;
        self
    }
    pub fn heading(mut self) -> Self {
        self.is_heading = true;
        self
    }
    /// Without a `name`. For lines, areas, lists and check boxes; radio buttons need one to know their group.
    pub fn local(mut self) -> Self {
        self.is_local = true;
        self
    }

    /// Fills in what was typed before and the problem with it, if any.
    pub fn filled(mut self, typed: &Typed, errors: &Errors) -> Self {
        self.error = errors.of(&self.name).unwrap_or_default().to_owned();
        match &mut self.control {
            Control::Radios(choices) | Control::Checks(choices) | Control::Select(choices) => {
                for choice in choices {
                    choice.chosen = typed.all(&self.name).any(|value| value == choice.value);
                }
            }
            Control::Date { year, month, day } => {
                for (part, name) in [(year, "year"), (month, "month"), (day, "day")] {
                    *part = typed.raw(&format!("{}-{name}", self.name)).to_owned();
                }
            }
            Control::Password | Control::File { .. } => {}
            Control::Line { .. } | Control::Area { .. } => self.value = typed.raw(&self.name).to_owned(),
        }
        self
    }

    /// For `aria-describedby`; empty when there is nothing to describe.
    fn described_by(&self) -> String {
        let hint = (!self.hint.is_empty()).then(|| format!("{}-hint", self.name));
        let error = (!self.error.is_empty()).then(|| format!("{}-error", self.name));
        [hint, error].into_iter().flatten().collect::<Vec<_>>().join(" ")
    }

    fn t(&self, key: &str) -> String {
        self.lang.t(key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_typed_comes_back_escaped_with_its_error() {
        let typed = Typed::from_pairs([("target".into(), "<i>\"矿\"</i>".into())]);
        let mut errors = Errors::default();
        errors.add("target", "请写名称");
        errors.add("target", "a second sentence is not kept");
        let shown = Field::line(Lang::Zh, "target", "单位").filled(&typed, &errors).render().unwrap();
        assert!(!shown.contains("<i>") && shown.contains("&#60;i&#62;"), "{shown}");
        assert!(
            shown.contains("aria-describedby=\"target-error\"") && shown.contains("aria-invalid=\"true\"")
        );
        assert_eq!(shown.matches("请写名称").count(), 1);
        assert!(!shown.contains("second"));
    }
}
