//! A template: a little Markdown with places. It is read before anything is put into a place, so that what is put there is
//! text, whatever it looks like.

use super::{
    issued::DocumentKind,
    place::{Place, Texts},
};
use crate::policy::{Lang, PolicyError, Source};
use pulldown_cmark::{Event, HeadingLevel, Options, Parser, Tag, TagEnd, TextMergeWithOffset};
use std::ops::Range;

#[derive(Clone, Debug, PartialEq)]
enum Part {
    Words(String),
    At(Place),
}

/// A sentence or more, with places.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Words(Vec<Part>);

#[derive(Clone, Debug, PartialEq)]
enum Block {
    Heading(Words),
    Paragraph(Words),
    List(Vec<Words>),
    /// Two columns: heads, then rows.
    Table(Vec<[Words; 2]>),
}

/// What is read: the blocks of one letter.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Template(Vec<Block>);

/// The same with texts in every place.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Filled {
    Heading(String),
    Paragraph(String),
    List(Vec<String>),
    Table(Vec<[String; 2]>),
}

impl Words {
    /// Splits a text at its places.
    ///
    /// # Errors
    /// The name of a place that letters of this kind do not know, or a brace that stands alone.
    pub fn parse(text: &str, kind: DocumentKind) -> Result<Self, String> {
        let (mut parts, mut rest) = (Vec::new(), text);
        while let Some((before, after)) = rest.split_once('{') {
            let (name, after) = after.split_once('}').ok_or("a { without its }")?;
            let place = Place::parse(name, kind).ok_or_else(|| {
                format!("unknown place {{{name}}}; here are {}", Place::names(kind).join(", "))
            })?;
            parts.push(Part::Words(before.to_owned()));
            parts.push(Part::At(place));
            rest = after;
        }
        parts.push(Part::Words(rest.to_owned()));
        parts.retain(|part| *part != Part::Words(String::new()));
        match parts.iter().any(|part| matches!(part, Part::Words(words) if words.contains('}'))) {
            true => Err("a } without its {".to_owned()),
            false => Ok(Self(parts)),
        }
    }

    fn long(&self) -> Option<Place> {
        self.0.iter().find_map(|part| match part {
            Part::At(place) if place.is_long() => Some(*place),
            _ => None,
        })
    }

    /// `None` if one of its places is empty.
    pub fn fill(&self, texts: &Texts) -> Option<String> {
        let parts = self.0.iter().map(|part| match part {
            Part::Words(words) => Some(words.as_str()),
            Part::At(place) => texts.get(place)?.first().map(String::as_str),
        });
        parts.collect()
    }
}

impl Template {
    /// # Errors
    /// The first line that is none of the four blocks, or names a place that letters of this kind do not know.
    pub fn parse(source: &Source, kind: DocumentKind, lang: Lang) -> Result<Self, PolicyError> {
        let parser = Parser::new_ext(&source.text, Options::ENABLE_TABLES);
        if let Some((_, definition)) = parser.reference_definitions().iter().next() {
            return Err(source.refuse(&definition.span, "a link is not possible here"));
        }
        let mut reader =
            Reader { source, kind, lang, blocks: vec![], text: String::new(), row: vec![], is_item: false };
        for (event, span) in TextMergeWithOffset::new(parser.into_offset_iter()) {
            reader.take(event, &span)?;
        }
        match reader.blocks.is_empty() {
            true => Err(source.refuse_whole("a letter needs words")),
            false => Ok(Self(reader.blocks)),
        }
    }

    /// What has an empty place is left out: the paragraph, the item, the row. So is a heading that nothing follows, and a
    /// table without rows.
    pub fn fill(&self, texts: &Texts) -> Vec<Filled> {
        let mut filled: Vec<Filled> = Vec::new();
        for block in &self.0 {
            match block {
                Block::Heading(words) => {
                    drop_bare_heading(&mut filled);
                    filled.extend(words.fill(texts).map(Filled::Heading));
                }
                Block::Paragraph(words) => match words.long() {
                    Some(place) => {
                        let texts = texts.get(&place).into_iter().flatten();
                        filled.extend(texts.cloned().map(Filled::Paragraph));
                    }
                    None => filled.extend(words.fill(texts).map(Filled::Paragraph)),
                },
                Block::List(items) => {
                    let items: Vec<_> = items.iter().filter_map(|item| item.fill(texts)).collect();
                    filled.extend((!items.is_empty()).then_some(Filled::List(items)));
                }
                Block::Table(rows) => {
                    let rows = rows.iter().filter_map(|[a, b]| Some([a.fill(texts)?, b.fill(texts)?]));
                    let rows: Vec<_> = rows.collect();
                    filled.extend((rows.len() > 1).then_some(Filled::Table(rows)));
                }
            }
        }
        drop_bare_heading(&mut filled);
        filled
    }
}

impl Filled {
    /// Everything that is read.
    pub fn texts(&self) -> Vec<&str> {
        match self {
            Self::Heading(words) | Self::Paragraph(words) => vec![words],
            Self::List(items) => items.iter().map(String::as_str).collect(),
            Self::Table(rows) => rows.iter().flatten().map(String::as_str).collect(),
        }
    }
}

fn drop_bare_heading(filled: &mut Vec<Filled>) {
    if matches!(filled.last(), Some(Filled::Heading(_))) {
        filled.pop();
    }
}

struct Reader<'a> {
    source: &'a Source,
    kind: DocumentKind,
    lang: Lang,
    blocks: Vec<Block>,
    text: String,
    row: Vec<Words>,
    is_item: bool,
}

impl Reader<'_> {
    fn take(&mut self, event: Event, span: &Range<usize>) -> Result<(), PolicyError> {
        match event {
            Event::Start(Tag::Item) => {
                self.text.clear();
                self.is_item = true;
            }
            Event::Start(Tag::Paragraph) if self.is_item && !self.text.is_empty() => {
                return Err(self.refuse(span, "an item of a list is one paragraph"));
            }
            Event::Start(Tag::Paragraph | Tag::TableCell) => self.text.clear(),
            Event::Start(Tag::Heading { level: HeadingLevel::H2, .. }) => self.text.clear(),
            Event::Start(Tag::Heading { .. }) => {
                return Err(self.refuse(span, "a heading begins with ##: the title is the letter's own"));
            }
            Event::Start(Tag::List(_)) if self.is_item => return Err(self.refuse(span, "a list in a list")),
            Event::Start(Tag::List(None)) => self.blocks.push(Block::List(Vec::new())),
            Event::Start(Tag::Table(columns)) if columns.len() == 2 => {
                self.blocks.push(Block::Table(Vec::new()));
            }
            Event::Start(Tag::Table(_)) => return Err(self.refuse(span, "a table has two columns")),
            Event::Start(Tag::TableHead | Tag::TableRow) => self.row.clear(),
            Event::Text(text) => {
                // Where a place is wrong, its own line is named.
                Words::parse(&text, self.kind).map_err(|reason| self.refuse(span, &reason))?;
                self.text.push_str(&text);
            }
            // In Chinese a line that is broken for the eye alone is one without a space.
            Event::SoftBreak => self.text.push_str(if self.lang == Lang::Zh { "" } else { " " }),
            Event::End(TagEnd::Heading(_)) => {
                let words = self.short(span)?;
                self.blocks.push(Block::Heading(words));
            }
            Event::End(TagEnd::Paragraph) if self.is_item => {}
            Event::End(TagEnd::Paragraph) => {
                let words = self.words(span)?;
                if words.long().is_some() && words.0.len() > 1 {
                    return Err(self.refuse(span, "what can be several paragraphs stands in one of its own"));
                }
                self.blocks.push(Block::Paragraph(words));
            }
            Event::End(TagEnd::Item) => {
                let words = self.short(span)?;
                self.is_item = false;
                if let Some(Block::List(items)) = self.blocks.last_mut() {
                    items.push(words);
                }
            }
            Event::End(TagEnd::TableCell) => {
                let words = self.short(span)?;
                self.row.push(words);
            }
            Event::End(TagEnd::TableHead | TagEnd::TableRow) => {
                let row = std::mem::take(&mut self.row).try_into();
                let row = row.map_err(|_| self.refuse(span, "a table has two columns"))?;
                if let Some(Block::Table(rows)) = self.blocks.last_mut() {
                    rows.push(row);
                }
            }
            Event::End(TagEnd::List(_) | TagEnd::Table) => {}
            _ => {
                let reason = "a letter has headings (##), paragraphs, lists (-) and tables of two columns, nothing else";
                return Err(self.refuse(span, reason));
            }
        }
        Ok(())
    }

    fn words(&mut self, span: &Range<usize>) -> Result<Words, PolicyError> {
        let words = Words::parse(self.text.trim(), self.kind).map_err(|reason| self.refuse(span, &reason));
        self.text.clear();
        words
    }

    /// Where several paragraphs cannot stand.
    fn short(&mut self, span: &Range<usize>) -> Result<Words, PolicyError> {
        let words = self.words(span)?;
        match words.long() {
            Some(_) => Err(self.refuse(span, "what can be several paragraphs stands in one of its own")),
            None => Ok(words),
        }
    }

    fn refuse(&self, span: &Range<usize>, reason: &str) -> PolicyError {
        self.source.refuse(span, reason)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Template, String> {
        let source = Source { file: "documents/zh/reply.md".into(), text: text.into() };
        Template::parse(&source, DocumentKind::Reply, Lang::Zh).map_err(|refused| refused.to_string())
    }

    fn texts(all: &[(Place, &[&str])]) -> Texts {
        let owned = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
        all.iter().map(|(place, texts)| (*place, owned(texts))).collect()
    }

    #[test]
    fn what_is_put_into_a_place_is_text_and_never_markup() {
        let template = read("案件 {case}：\n\n{findings}\n").unwrap();
        let markup = "## x\n- *b* | {until} | [a](b) <b> \\";
        let filled = template.fill(&texts(&[(Place::Case, &["{day}"]), (Place::Findings, &[markup, "2"])]));
        let paragraph = |text: &str| Filled::Paragraph(text.into());
        assert_eq!(filled, [paragraph("案件 {day}："), paragraph(markup), paragraph("2")]);
    }

    #[test]
    fn what_has_an_empty_place_is_left_out_and_so_is_a_heading_over_nothing() {
        let text = "## 一\n\n{findings}\n\n## 二\n\n在 {until} 前。\n\n- 其一\n- 其二 {until}\n\n| 事项 | 内容 |\n|---|---|\n| 地址 | {address} |\n| 编号 | {case} |\n";
        let template = read(text).unwrap();
        let case = texts(&[(Place::Case, &["2026-000001"])]);
        assert_eq!(
            template.fill(&case),
            [
                Filled::Heading("二".into()),
                Filled::List(vec!["其一".into()]),
                Filled::Table(vec![["事项".into(), "内容".into()], ["编号".into(), "2026-000001".into()]]),
            ]
        );
        let bare = read("话。\n\n## 三\n\n| 事项 | 内容 |\n|---|---|\n| 地址 | {address} |\n").unwrap();
        assert_eq!(bare.fill(&case), [Filled::Paragraph("话。".into())]);
    }

    #[test]
    fn what_a_letter_cannot_have_is_refused_with_its_line() {
        for (text, said) in [
            ("好。\n\n于 {untli} 前。\n", ":3: unknown place {untli}; here are service, hotline"),
            ("两行\n的 {amount}。\n", ":2: unknown place {amount}"),
            ("一 { 二。\n", ":1: a { without its }"),
            ("一 } 二。\n", ":1: a } without its {"),
            ("# 题\n", ":1: a heading begins with ##"),
            ("好。\n\n经 {findings} 查\n", ":3: what can be several paragraphs"),
            ("- {findings}\n", ":1: what can be several paragraphs"),
            ("## {findings}\n", ":1: what can be several paragraphs"),
            ("好 *重* 。\n", ":1: a letter has headings"),
            ("好。\n\n<b>x</b>\n", ":3: a letter has headings"),
            ("[x](http://a)\n", ":1: a letter has headings"),
            ("好。\n\n[x]: http://a\n", ":3: a link is not possible here"),
            ("    code\n", ":1: a letter has headings"),
            ("`code`\n", ":1: a letter has headings"),
            ("1. 一\n", ":1: a letter has headings"),
            ("- 一\n  - 二\n", ":2: a list in a list"),
            ("- 一\n\n  二\n", "an item of a list is one paragraph"),
            ("---\n", ":1: a letter has headings"),
            ("> x\n", ":1: a letter has headings"),
            ("| a | b | c |\n|---|---|---|\n", ":1: a table has two columns"),
            ("", ":1: a letter needs words"),
        ] {
            let refused = read(text).unwrap_err();
            assert!(
                refused.starts_with("documents/zh/reply.md") && refused.contains(said),
                "{text:?}: {refused}"
            );
        }
    }
}
