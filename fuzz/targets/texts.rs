//! Texts that people type.

use super::{LITTLE, for_text, held};
use mifeng::{
    receipt::{Mailbox, Receipt},
    repeats::{Sketch, as_compared},
    scrub::{Piece, cut, find, find_words},
};

/// Any receipt will do, in its eight groups.
const WRITTEN: &str = "1234 5678 9012 3456 7890 1234 5678 9039";

/// The text form of a receipt, of its mailbox, and the look-out for a receipt in a field.
pub fn receipt(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    held(for_text(data), || match Receipt::parse(text) {
        Ok(receipt) => {
            let groups = receipt.groups();
            let written = groups.each_ref().map(|group| group.as_str()).join(" ");
            let again = Receipt::parse(&written).expect("what is shown is read");
            assert!(again.locator() == receipt.locator());
            assert!(Receipt::is_in(text), "what reads as a receipt is kept out of fields");
            assert!(receipt.ends_with(&groups[7]));
        }
        Err(refused) => assert!(refused.to_string().len() < 80, "a refusal repeats nothing that was typed"),
    });
    held(for_text(data), || Receipt::is_in(text));
    let planted = format!("{text}，{WRITTEN}，{text}");
    assert!(Receipt::is_in(&planted), "found whatever stands around it");
    if let Ok(mailbox) = text.parse::<Mailbox>() {
        assert!(mailbox.to_string().parse() == Ok(mailbox));
    }
}

/// What leads to a person in a report's words.
pub fn scrub(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    // Every character is looked at in a form of its own.
    let found = held(LITTLE + 256 * text.len(), || find(text));
    assert!(found.windows(2).all(|pair| pair[0].at.end <= pair[1].at.start));
    let removed: usize = found.iter().map(|each| text[each.at.clone()].len()).sum();
    let pieces = cut(text, &found);
    let kept: usize =
        pieces.iter().map(|piece| if let Piece::Kept(text) = piece { text.len() } else { 0 }).sum();
    assert_eq!(removed + kept, text.len());

    let once = shown(text);
    assert_eq!(shown(&once), once, "nothing is left to find");

    let words: Vec<String> = text.split(['\n', '，']).map(str::to_owned).take(8).collect();
    let added = find_words(text, &words);
    assert!(added.windows(2).all(|pair| pair[0].at.end <= pair[1].at.start));
    cut(text, &added);
}

/// As somebody reads it, with the kind in brackets.
fn shown(text: &str) -> String {
    let show = |piece: Piece| match piece {
        Piece::Kept(text) => text,
        Piece::Removed(kind) => format!("［{}］", kind.code()),
    };
    cut(text, &find(text)).into_iter().map(show).collect()
}

/// Search text and case text as they are compared, and a stored sketch.
pub fn search(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let plain = held(for_text(data), || as_compared(text));
    assert_eq!(as_compared(&plain), plain, "what was compared once is compared alike again");
    assert!(plain.chars().all(char::is_alphanumeric));
    if let Ok(sketch) = serde_json::from_str::<Sketch>(text) {
        let printed = serde_json::to_string(&sketch).expect("a sketch prints");
        assert_eq!(serde_json::from_str::<Sketch>(&printed).ok(), Some(sketch));
    }
}
