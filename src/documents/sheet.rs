//! A letter set on A4 pages: where each line stands, and what it is part of. Points from the top left corner.

use super::{
    font::Font,
    lines::{Line, Measure, break_lines},
    template::Filled,
};
use crate::policy::Lang;

pub(super) const PAGE: (f32, f32) = (595.28, 841.89);
pub(super) const LEFT: f32 = 76.0;
/// 37 characters of the text's size.
pub(super) const WIDTH: f32 = 444.0;
const TOP: f32 = 58.0;
pub(super) const BOTTOM: f32 = PAGE.1 - 64.0;
const TEXT: f32 = 12.0;
pub(super) const SMALL: f32 = 9.0;
/// Of a cell, at each side.
const PAD: f32 = 6.0;

/// What a piece of a page is, for whoever reads it aloud.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Role {
    Title(String),
    Heading(String),
    Paragraph,
    List,
    Item,
    Label,
    Body,
    Table,
    Heads,
    Rows,
    Row,
    ColumnHead,
    RowHead,
    Cell,
}

/// A piece, and the one it is in.
pub(super) struct Node {
    pub role: Role,
    pub parent: Option<usize>,
}

/// Whose words these are.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Of {
    Node(usize),
    /// Said again on each page: not read aloud.
    Header,
    Footer,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Ink {
    Black,
    Red,
    Grey,
}

pub(super) enum Mark {
    /// `at`: the left end of the base line.
    Words { of: Of, at: (f32, f32), size: f32, ink: Ink, is_bold: bool, line: Line },
    /// Decoration.
    Rule { from: (f32, f32), to: (f32, f32), weight: f32, ink: Ink },
}

/// All of a letter but its bytes.
pub(super) struct Pages {
    pub pages: Vec<Vec<Mark>>,
    pub nodes: Vec<Node>,
    /// Words, page and height of title and headings.
    pub outline: Vec<(String, usize, f32)>,
}

/// The words of one letter.
pub(super) struct Content {
    pub lang: Lang,
    pub body: String,
    pub number: String,
    pub title: String,
    pub salutation: String,
    pub blocks: Vec<Filled>,
    pub day: String,
    pub foot: Vec<String>,
    /// With `{page}` and `{pages}`.
    pub page: String,
    pub mark: Option<String>,
}

#[derive(Clone, Copy)]
pub(super) enum Align {
    Left,
    Middle,
    Right,
}

/// How words are set.
#[derive(Clone, Copy)]
pub(super) struct Style {
    pub size: f32,
    pub leading: f32,
    pub ink: Ink,
    pub is_bold: bool,
    pub align: Align,
    pub first_indent: f32,
    pub justified: bool,
}

pub(super) struct Setter<'a> {
    pub font: &'a Font,
    lang: Lang,
    pub set: Pages,
    /// Where the next line begins.
    pub y: f32,
    /// Where this page's text ends.
    floor: f32,
}

/// `None` if the small print leaves no room for the letter.
pub(super) fn set(font: &Font, content: &Content) -> Option<Pages> {
    let set = Pages { pages: vec![vec![]], nodes: vec![], outline: vec![] };
    let mut setter = Setter { font, lang: content.lang, set, y: TOP, floor: BOTTOM };
    let foot = setter.foot_height(content);
    if foot > BOTTOM / 3.0 {
        return None;
    }
    // At the end of the first page: at that of the last it would often have a page to itself.
    setter.floor = BOTTOM - foot;
    setter.head(content);
    let last = content.blocks.iter().rposition(|block| matches!(block, Filled::Heading(_)));
    for (n, block) in content.blocks.iter().enumerate() {
        // Nobody signs an empty page.
        if Some(n) == last {
            let end = setter.end_height(&content.blocks[n..], content);
            setter.need(if end < BOTTOM / 2.0 { end } else { 0.0 });
        }
        setter.block(block);
    }
    setter.signature(content);
    setter.foot(content, BOTTOM - foot);
    setter.page_ends(content);
    Some(setter.set)
}

impl Setter<'_> {
    fn block(&mut self, block: &Filled) {
        let text = self.text();
        match block {
            Filled::Heading(words) => {
                self.y += 6.0;
                self.need(3.0 * text.leading);
                self.outline(words);
                self.paragraph(
                    words,
                    Style { is_bold: true, ..self.plain() },
                    Some(Role::Heading(words.clone())),
                );
            }
            Filled::Paragraph(words) => {
                self.paragraph(words, text, None);
                self.y += self.gap();
            }
            Filled::List(items) => self.list(items),
            Filled::Table(rows) => self.table(rows),
        }
    }

    fn list(&mut self, items: &[String]) {
        let list = self.node(Role::List, None);
        let style = Style { first_indent: 0.0, ..self.text() };
        for words in items {
            let item = self.node(Role::Item, Some(list));
            let (label, body) = (self.node(Role::Label, Some(item)), self.node(Role::Body, Some(item)));
            self.need(style.leading);
            let bullet = Line { text: "•".into(), indent: 0.0, spread: 0.0 };
            self.put(Of::Node(label), LEFT + TEXT, self.y, style, bullet);
            let lines = self.broken(words, style, WIDTH - 2.0 * TEXT);
            self.lines(lines, style, LEFT + 2.0 * TEXT, WIDTH - 2.0 * TEXT, body);
        }
        self.y += self.gap();
    }

    /// The first row is the columns' heads; the first column is the rows'.
    fn table(&mut self, rows: &[[String; 2]]) {
        let style = Style { size: 11.0, first_indent: 0.0, justified: false, ..self.plain() }.led(1.45);
        let widest = rows.iter().map(|row| self.font.width(&row[0]) * style.size).fold(0.0, f32::max);
        let first = (widest + 2.0 * PAD).min(WIDTH / 3.0);
        let columns = [(LEFT, first), (LEFT + first, WIDTH - first)];
        let table = self.node(Role::Table, None);
        let groups = [self.node(Role::Heads, Some(table)), self.node(Role::Rows, Some(table))];
        self.y += 4.0;
        for (n, row) in rows.iter().enumerate() {
            let parent = self.node(Role::Row, Some(groups[usize::from(n > 0)]));
            let roles =
                if n == 0 { [Role::ColumnHead, Role::ColumnHead] } else { [Role::RowHead, Role::Cell] };
            let nodes = roles.map(|role| self.node(role, Some(parent)));
            let style = Style { is_bold: n == 0, ..style };
            let mut cells = [0, 1].map(|c| self.broken(&row[c], style, columns[c].1 - 2.0 * PAD).into_iter());
            let height = high(cells.iter().map(ExactSizeIterator::len).max().unwrap_or(0), style);
            // Short rows stay whole.
            self.need(if height > 200.0 { style.leading } else { height + 4.0 });
            let mut top = self.y;
            self.rule((LEFT, top), (LEFT + WIDTH, top), 0.6, Ink::Grey);
            self.y += 2.0;
            loop {
                let lines = cells.each_mut().map(Iterator::next);
                if lines.iter().all(Option::is_none) {
                    break;
                }
                if self.y + style.leading + 2.0 > self.floor {
                    self.frame(top, columns);
                    self.new_page();
                    top = self.y;
                    self.rule((LEFT, top), (LEFT + WIDTH, top), 0.6, Ink::Grey);
                }
                for ((line, node), (x, _)) in lines.into_iter().zip(nodes).zip(columns) {
                    if let Some(line) = line {
                        self.put(Of::Node(node), x + PAD, self.y, style, line);
                    }
                }
                self.y += style.leading;
            }
            self.y += 2.0;
            self.frame(top, columns);
        }
        self.y += 6.0;
    }

    /// Sides and lower end of a row, or of as much of it as the page takes.
    fn frame(&mut self, top: f32, columns: [(f32, f32); 2]) {
        let bottom = self.y;
        self.rule((LEFT, bottom), (LEFT + WIDTH, bottom), 0.6, Ink::Grey);
        for x in [LEFT, columns[1].0, LEFT + WIDTH] {
            self.rule((x, top), (x, bottom), 0.6, Ink::Grey);
        }
    }

    pub(super) fn plain(&self) -> Style {
        let leading = TEXT * if self.lang == Lang::Zh { 1.6 } else { 1.35 };
        let (ink, align) = (Ink::Black, Align::Left);
        Style { size: TEXT, leading, ink, is_bold: false, align, first_indent: 0.0, justified: false }
    }

    /// Running text: in Chinese the first line is drawn in, in English paragraphs stand apart.
    pub(super) fn text(&self) -> Style {
        let is_zh = self.lang == Lang::Zh;
        Style { first_indent: if is_zh { 2.0 * TEXT } else { 0.0 }, justified: is_zh, ..self.plain() }
    }

    pub(super) fn gap(&self) -> f32 {
        if self.lang == Lang::Zh { 0.0 } else { 5.0 }
    }

    pub(super) fn paragraph(&mut self, words: &str, style: Style, role: Option<Role>) {
        let node = self.node(role.unwrap_or(Role::Paragraph), None);
        let lines = self.broken(words, style, WIDTH);
        // Its first line does not stand alone at the end of a page.
        if lines.len() > 1 {
            self.need(2.0 * style.leading);
        }
        self.lines(lines, style, LEFT, WIDTH, node);
    }

    pub(super) fn broken(&self, words: &str, style: Style, width: f32) -> Vec<Line> {
        let Style { size, first_indent, justified, .. } = style;
        break_lines(self.font, words, Measure { size, width, first_indent, justified })
    }

    pub(super) fn lines(&mut self, lines: Vec<Line>, style: Style, x: f32, width: f32, node: usize) {
        for line in lines {
            self.need(style.leading);
            let left = width - line.indent - self.font.width(line.text.trim_end()) * style.size;
            let shift = match style.align {
                Align::Left => 0.0,
                Align::Middle => left / 2.0,
                Align::Right => left,
            };
            self.put(Of::Node(node), x + line.indent + shift, self.y, style, line);
            self.y += style.leading;
        }
    }

    fn put(&mut self, of: Of, x: f32, top: f32, style: Style, line: Line) {
        self.page().push(placed(of, x, top, style, line));
    }

    pub(super) fn rule(&mut self, from: (f32, f32), to: (f32, f32), weight: f32, ink: Ink) {
        self.page().push(Mark::Rule { from, to, weight, ink });
    }

    pub(super) fn node(&mut self, role: Role, parent: Option<usize>) -> usize {
        self.set.nodes.push(Node { role, parent });
        self.set.nodes.len() - 1
    }

    pub(super) fn outline(&mut self, words: &str) {
        let page = self.set.pages.len() - 1;
        self.set.outline.push((words.to_owned(), page, self.y));
    }

    fn page(&mut self) -> &mut Vec<Mark> {
        // Unwrap safety: there is one from the start, and none is taken away.
        self.set.pages.last_mut().unwrap()
    }

    fn new_page(&mut self) {
        self.set.pages.push(Vec::new());
        (self.y, self.floor) = (TOP, BOTTOM);
    }

    /// A new page where this one has no such height left.
    pub(super) fn need(&mut self, height: f32) {
        if self.y + height > self.floor && self.y > TOP {
            self.new_page();
        }
    }
}

pub(super) fn placed(of: Of, x: f32, top: f32, style: Style, line: Line) -> Mark {
    let Style { size, ink, is_bold, leading, .. } = style;
    // Han characters stand 0.88 em above the base line; what the line is higher lies above and below.
    let at = (x, top + (leading - size) / 2.0 + 0.88 * size);
    Mark::Words { of, at, size, ink, is_bold, line }
}

pub(super) fn high(lines: usize, style: Style) -> f32 {
    lines as f32 * style.leading
}

impl Style {
    /// Lines of so many times the size.
    pub(super) fn led(self, times: f32) -> Self {
        Self { leading: self.size * times, ..self }
    }
}
