//! The bytes of a letter: PDF/UA-1, tagged, with its title, its language and its font, by `krilla`, which refuses what is not
//! accessible.

use super::{
    font::Font,
    lines::by_script,
    sheet::{Ink, Mark, Node, Of, PAGE, Pages, Role},
};
use crate::{clock::Day, policy::Lang};
use krilla::{
    Document, SerializeSettings,
    color::rgb,
    configure::{Accessibility, ConfigurationBuilder},
    destination::XyzDestination,
    error::KrillaError,
    geom::{PathBuilder, Point},
    metadata::{DateTime, Metadata},
    num::NormalizedF32,
    outline::{Outline, OutlineNode},
    page::PageSettings,
    paint::{Fill, FillRule, Stroke},
    surface::Surface,
    tagging::{
        Artifact, ArtifactType, ContentTag, Identifier, ListNumbering, SpanTag, TableHeaderScope, Tag,
        TagGroup, TagTree,
    },
};
use std::num::NonZeroU16;

/// What stands in the file beside the pages.
pub(super) struct About {
    pub lang: Lang,
    pub title: String,
    /// Who has decided.
    pub author: String,
    /// Of what was decided; there is no hour, and nothing of the day on which the file was made.
    pub day: Day,
}

/// # Errors
/// If it would not be accessible to all. The cause can quote the text: it is not to be shown or kept.
pub(super) fn write(font: &Font, pages: &Pages, about: About) -> Result<Vec<u8>, KrillaError> {
    let configuration = ConfigurationBuilder::new().with_accessibility_validator(Accessibility::UA1);
    let settings = SerializeSettings {
        // Unwrap safety: one standard does not contradict itself.
        configuration: configuration.finish().unwrap(),
        ..SerializeSettings::default()
    };
    let lang = tag(about.lang);
    let mut document = Document::new_with(settings);
    let mut leaves: Vec<(usize, Identifier)> = Vec::new();
    for marks in &pages.pages {
        // Unwrap safety: A4 is a size.
        let mut page = document.start_page_with(PageSettings::from_wh(PAGE.0, PAGE.1).unwrap());
        let mut surface = page.surface();
        for mark in marks {
            draw(&mut surface, font, about.lang, mark, &mut leaves);
        }
        surface.finish();
        page.finish();
    }
    document.set_tag_tree(tree(&pages.nodes, leaves).with_lang(Some(lang.to_owned())));
    document.set_outline(outline(pages));
    let part = |part: i8| u8::try_from(part).unwrap_or(1);
    let day = DateTime::new(u16::try_from(about.day.year()).unwrap_or(1))
        .month(part(about.day.month()))
        .day(part(about.day.day()));
    let metadata = Metadata::new().title(about.title).language(lang.to_owned()).creation_date(day);
    document.set_metadata(metadata.authors(vec![about.author]).creator("mifeng".to_owned()));
    document.finish()
}

/// As PDF readers choose their voice by.
fn tag(lang: Lang) -> &'static str {
    match lang {
        Lang::Zh => "zh-CN",
        Lang::En => "en",
    }
}

fn draw(surface: &mut Surface, font: &Font, lang: Lang, mark: &Mark, leaves: &mut Vec<(usize, Identifier)>) {
    match mark {
        Mark::Words { of, at, size, ink, is_bold, line } => {
            surface.set_fill(Some(fill(*ink)));
            // The font has one weight.
            surface.set_stroke(is_bold.then(|| Stroke { width: 0.03 * size, ..stroke(*ink) }));
            let mut at = Point::from_xy(at.0, at.1);
            for (text, is_han) in pieces(lang, &line.text) {
                let content = match of {
                    Of::Header => artifact(ArtifactType::Header),
                    Of::Footer => artifact(ArtifactType::Footer),
                    Of::Node(_) if is_han && lang != Lang::Zh => {
                        ContentTag::Span(SpanTag::empty().with_lang(Some(tag(Lang::Zh))))
                    }
                    Of::Node(_) => ContentTag::Span(SpanTag::empty()),
                };
                let identifier = surface.start_tagged(content);
                at.x = font.draw(surface, at, *size, text, line.spread);
                surface.end_tagged();
                if let Of::Node(node) = of {
                    leaves.push((*node, identifier));
                }
            }
        }
        Mark::Rule { from, to, weight, ink } => {
            surface.start_tagged(artifact(ArtifactType::Layout));
            surface.set_fill(None);
            surface.set_stroke(Some(Stroke { width: *weight, ..stroke(*ink) }));
            let mut path = PathBuilder::new();
            path.move_to(from.0, from.1);
            path.line_to(to.0, to.1);
            path.finish().iter().for_each(|path| surface.draw_path(path));
            surface.end_tagged();
        }
    }
}

/// A line of an English letter is cut where Chinese begins or ends.
fn pieces(lang: Lang, text: &str) -> Vec<(&str, bool)> {
    match lang {
        Lang::Zh => vec![(text, true)],
        Lang::En => by_script(text),
    }
}

fn artifact(kind: ArtifactType) -> ContentTag<'static> {
    ContentTag::Artifact(Artifact::with_kind(kind))
}

fn fill(ink: Ink) -> Fill {
    Fill { paint: colour(ink).into(), opacity: NormalizedF32::ONE, rule: FillRule::default() }
}

fn stroke(ink: Ink) -> Stroke {
    Stroke { paint: colour(ink).into(), ..Stroke::default() }
}

/// Each at least 4.5 : 1 on white.
fn colour(ink: Ink) -> rgb::Color {
    match ink {
        Ink::Black => rgb::Color::new(0x14, 0x19, 0x1f),
        Ink::Red => rgb::Color::new(0xa6, 0x1b, 0x1b),
        Ink::Grey => rgb::Color::new(0x4a, 0x55, 0x60),
    }
}

/// In the order of reading, which is that of the nodes.
fn tree(nodes: &[Node], leaves: Vec<(usize, Identifier)>) -> TagTree {
    let mut groups: Vec<TagGroup> = nodes.iter().map(|node| group(&node.role)).collect();
    for (node, identifier) in leaves {
        groups[node].push(identifier);
    }
    let mut tree = TagTree::new();
    // Parents come before their children: from the end, each is whole when it is put into its own.
    let mut within: Vec<Vec<TagGroup>> = nodes.iter().map(|_| Vec::new()).collect();
    let mut tops = Vec::new();
    for (n, node) in nodes.iter().enumerate().rev() {
        // Unwrap safety: as many groups as nodes.
        let mut group = groups.pop().unwrap();
        within[n].drain(..).rev().for_each(|child| group.push(child));
        match node.parent {
            Some(parent) => within[parent].push(group),
            None => tops.push(group),
        }
    }
    tops.into_iter().rev().for_each(|group| tree.push(group));
    tree
}

fn group(role: &Role) -> TagGroup {
    let level = |level| NonZeroU16::new(level).unwrap_or(NonZeroU16::MIN);
    match role {
        Role::Title(words) => TagGroup::new(Tag::Hn(level(1), Some(words.clone()))),
        Role::Heading(words) => TagGroup::new(Tag::Hn(level(2), Some(words.clone()))),
        Role::Paragraph => TagGroup::new(Tag::P),
        Role::List => TagGroup::new(Tag::L(ListNumbering::Disc)),
        Role::Item => TagGroup::new(Tag::LI),
        Role::Label => TagGroup::new(Tag::Lbl),
        Role::Body => TagGroup::new(Tag::LBody),
        Role::Table => TagGroup::new(Tag::Table),
        Role::Heads => TagGroup::new(Tag::THead),
        Role::Rows => TagGroup::new(Tag::TBody),
        Role::Row => TagGroup::new(Tag::TR),
        Role::ColumnHead => TagGroup::new(Tag::TH(TableHeaderScope::Column)),
        Role::RowHead => TagGroup::new(Tag::TH(TableHeaderScope::Row)),
        Role::Cell => TagGroup::new(Tag::TD),
    }
}

fn outline(pages: &Pages) -> Outline {
    let mut outline = Outline::new();
    for (words, page, y) in &pages.outline {
        let place = XyzDestination::new(*page, Point::from_xy(0.0, *y));
        outline.push_child(OutlineNode::new(words.clone(), place));
    }
    outline
}
