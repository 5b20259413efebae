//! The font letters are set in: which characters have a shape, and how wide each is. It comes with the program.

use krilla::{
    geom::Point,
    surface::Surface,
    text::{Font as PdfFont, GlyphId, KrillaGlyph},
};
use skrifa::{FontRef, MetadataProvider, charmap::Charmap, instance::LocationRef, metrics::GlyphMetrics};
use std::ops::Range;

/// A subset of Noto Serif CJK SC; `assets/fonts/LICENSE`, made by `scripts/make-font.py`.
const BYTES: &[u8] = include_bytes!("../../assets/fonts/mifeng-serif.otf");
/// Stands where the font has no shape (下駄): printers have used it for a type that is missing.
const GETA: char = '〓';

pub(super) struct Font {
    pdf: PdfFont,
    shapes: Charmap<'static>,
    metrics: GlyphMetrics<'static>,
    /// Font units of one em.
    em: f32,
}

impl Font {
    /// `None` only if the program was built with a broken font.
    pub fn load() -> Option<Self> {
        let font = FontRef::new(BYTES).ok()?;
        let pdf = PdfFont::new(BYTES.into(), 0)?;
        let metrics = font.glyph_metrics(skrifa::prelude::Size::unscaled(), LocationRef::default());
        let font = Self { em: pdf.units_per_em(), pdf, shapes: font.charmap(), metrics };
        font.shape(GETA).map(|_| font)
    }

    fn shape(&self, character: char) -> Option<skrifa::GlyphId> {
        self.shapes.map(character).filter(|glyph| glyph.to_u32() != 0)
    }

    pub fn has(&self, character: char) -> bool {
        self.shape(character).is_some()
    }

    fn drawn(&self, character: char) -> skrifa::GlyphId {
        // Unwrap safety: `load` has seen that this one is there.
        self.shape(character).unwrap_or_else(|| self.shape(GETA).unwrap())
    }

    /// In em: multiplied by the size it is what the text takes.
    pub fn width(&self, text: &str) -> f32 {
        text.chars().map(|character| self.advance(character)).sum()
    }

    pub fn advance(&self, character: char) -> f32 {
        self.metrics.advance_width(self.drawn(character)).unwrap_or(self.em) / self.em
    }

    /// Draws a run of text from `at` (the left end of its base line, points). `spread`: points more after each character
    /// that is followed by another of full width, or is itself one. Gives where it ends.
    ///
    /// A character without a shape is drawn as [`GETA`] and stays itself for whoever reads aloud, searches or copies.
    pub fn draw(&self, surface: &mut Surface, at: Point, size: f32, text: &str, spread: f32) -> f32 {
        let mut glyphs = Vec::with_capacity(text.len());
        let mut x = at.x;
        for (Range { start, end }, character, is_spread) in spaced(text) {
            let advance = self.advance(character) + if is_spread { spread / size } else { 0.0 };
            let glyph = GlyphId::new(self.drawn(character).to_u32());
            glyphs.push(KrillaGlyph::new(glyph, advance, 0.0, 0.0, 0.0, start..end, None));
            x += advance * size;
        }
        surface.draw_glyphs(at, &glyphs, self.pdf.clone(), text, size, false);
        x
    }
}

/// Each character, and whether a line may be stretched after it.
pub(super) fn spaced(text: &str) -> impl Iterator<Item = (Range<usize>, char, bool)> {
    let next = text.chars().skip(1).map(Some).chain([None]);
    text.char_indices().zip(next).map(|((start, character), next)| {
        let stretches = next.is_some_and(|next| is_wide(character) || is_wide(next));
        (start..start + character.len_utf8(), character, stretches)
    })
}

/// Of a full em's width: Han, kana, and the marks among them.
pub(super) fn is_wide(character: char) -> bool {
    matches!(character, '\u{2e80}'..='\u{a4cf}' | '\u{f900}'..='\u{faff}' | '\u{fe30}'..='\u{fe4f}'
        | '\u{ff00}'..='\u{ff60}' | '\u{20000}'..='\u{3ffff}')
}

/// Without what has no shape of its own and only steers others (direction, joining, variants), and with one kind of space.
pub(super) fn readable(text: &str) -> String {
    let steers = |character: char| {
        matches!(character,
            '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}'
            | '\u{fe00}'..='\u{fe0f}' | '\u{fff0}'..='\u{fffb}' | '\u{fffe}' | '\u{ffff}' | '\u{e0000}'..='\u{e0fff}')
    };
    let kept = text.chars().filter(|character| !steers(*character));
    let plain = |character: char| match character {
        '\u{3000}' => character,
        character if character.is_whitespace() => ' ',
        character => character,
    };
    kept.map(plain).filter(|character| !character.is_control()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_font_has_the_characters_of_the_standards_and_no_other() {
        let font = Font::load().unwrap();
        for character in "中华人民共和国镕喆乜𬭊〇〔〕《》，。、：；？！“”‘’（）—…·①Ⅳ℃№￥¥AZaz09éü".chars()
        {
            assert!(font.has(character), "{character}");
        }
        assert!(!font.has('𠮷') && !font.has('🔥') && !font.has('\u{e000}'));
        assert_eq!(font.advance('中'), 1.0);
        assert_eq!(font.advance('𠮷'), 1.0);
        assert!(font.advance('i') < 0.5);
    }

    #[test]
    fn what_only_steers_other_characters_is_not_part_of_the_text() {
        assert_eq!(readable("𠮷\u{202e}家\u{200d}🔥\u{fe0f}\u{7}\t某\u{a0}\u{3000}x"), "𠮷家🔥 某 \u{3000}x");
    }
}
