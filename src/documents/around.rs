//! What stands around the words of a letter: letterhead, title and signature, small print, the ends of pages.

use super::{
    lines::Line,
    sheet::{Align, BOTTOM, Content, Ink, LEFT, Mark, Of, Role, SMALL, Setter, Style, WIDTH, high, placed},
    template::Filled,
};

impl Setter<'_> {
    pub(super) fn head(&mut self, content: &Content) {
        let size = (WIDTH / self.font.width(&content.body)).clamp(15.0, 23.0);
        let style = Style { size, ink: Ink::Red, is_bold: true, align: Align::Middle, ..self.plain() };
        self.paragraph(&content.body, style.led(1.4), None);
        self.y += 6.0;
        self.rule((LEFT, self.y), (LEFT + WIDTH, self.y), 1.6, Ink::Red);
        self.y += 8.0;
        self.paragraph(
            &content.number,
            Style { size: 10.5, align: Align::Right, ..self.plain() }.led(1.5),
            None,
        );
        self.y += 10.0;
        let style = Style { size: 20.0, is_bold: true, align: Align::Middle, ..self.plain() };
        self.outline(&content.title);
        self.paragraph(&content.title, style.led(1.4), Some(Role::Title(content.title.clone())));
        self.y += 10.0;
        self.paragraph(&content.salutation, self.plain(), None);
        self.y += self.gap();
    }

    /// Body and day, one under the middle of the other, at the right.
    pub(super) fn signature(&mut self, content: &Content) {
        let style = Style { align: Align::Middle, ..self.plain() };
        let widest = [&content.body, &content.day].map(|words| self.font.width(words) * style.size);
        let width = (widest[0].max(widest[1]) + 1.0).min(WIDTH);
        self.y += 8.0;
        let lines = [&content.body, &content.day].map(|words| self.broken(words, style, width));
        self.need(high(lines.iter().map(Vec::len).sum(), style));
        for lines in lines {
            let node = self.node(Role::Paragraph, None);
            self.lines(lines, style, LEFT + WIDTH - width, width, node);
        }
    }

    /// What the last blocks and the signature take, roughly.
    pub(super) fn end_height(&self, blocks: &[Filled], content: &Content) -> f32 {
        let text = self.text();
        let lines = |words: &str| self.broken(words, text, WIDTH).len();
        let block = |block: &Filled| block.texts().into_iter().map(lines).sum::<usize>();
        let count = blocks.iter().map(block).sum::<usize>() + lines(&content.body) + lines(&content.day);
        high(count, text) + 20.0
    }

    fn small(&self) -> Style {
        Style { size: SMALL, ..self.plain() }.led(1.45)
    }

    fn foot_lines(&self, content: &Content) -> Vec<Vec<Line>> {
        let all = content.mark.iter().chain(&content.foot);
        all.map(|words| self.broken(words, self.small(), WIDTH)).collect()
    }

    pub(super) fn foot_height(&self, content: &Content) -> f32 {
        let paragraphs = self.foot_lines(content);
        let height = |lines: &Vec<Line>| high(lines.len(), self.small()) + 4.0;
        paragraphs.iter().map(height).sum::<f32>() + 14.0
    }

    /// Small print, under the text of the first page, and read after everything else.
    pub(super) fn foot(&mut self, content: &Content, top: f32) {
        let style = self.small();
        let mut y = top + 8.0;
        let rule = Mark::Rule { from: (LEFT, y), to: (LEFT + WIDTH, y), weight: 0.5, ink: Ink::Grey };
        self.set.pages[0].push(rule);
        y += 6.0;
        for lines in self.foot_lines(content) {
            let node = self.node(Role::Paragraph, None);
            for line in lines {
                let mark = placed(Of::Node(node), LEFT, y, style, line);
                self.set.pages[0].push(mark);
                y += style.leading;
            }
            y += 4.0;
        }
    }

    /// Number and page at the lower end of each, who writes at the upper end of those after the first.
    pub(super) fn page_ends(&mut self, content: &Content) {
        let pages = self.set.pages.len();
        let style = Style { size: SMALL, ink: Ink::Grey, ..self.plain() };
        for n in 0..pages {
            let page = content.page.replace("{pages}", &pages.to_string());
            let page = page.replace("{page}", &(n + 1).to_string());
            let right = LEFT + WIDTH - self.font.width(&page) * SMALL;
            let mut ends = vec![
                (Of::Footer, LEFT, BOTTOM + 18.0, &content.number),
                (Of::Footer, right, BOTTOM + 18.0, &page),
            ];
            ends.extend(content.mark.iter().map(|mark| (Of::Footer, LEFT, BOTTOM + 32.0, mark)));
            if n > 0 {
                ends.push((Of::Header, LEFT, 40.0, &content.body));
            }
            for (of, x, y, words) in ends {
                let line = Line { text: words.clone(), indent: 0.0, spread: 0.0 };
                let at = (x, y);
                let mark = Mark::Words { of, at, size: style.size, ink: style.ink, is_bold: false, line };
                self.set.pages[n].push(mark);
            }
        }
    }
}
