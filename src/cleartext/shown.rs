//! What came out of a seal, made fit to be shown. A device can seal any characters: some act on a terminal instead of
//! being seen there, begin a line that looks like ours, or turn a number around for the eye.

use super::identity::{JointSignatory, Payee, Person};
use crate::fit::{REPLACED, acts};
use zeroize::Zeroize;

impl Person {
    /// Every text of this person, with [`REPLACED`] for what acts. The texts it takes the place of are wiped.
    pub(super) fn make_fit(&mut self) {
        let Self { name, id_kind: _, id_number, mobile, payee, own_employer: _, joint } = self;
        for text in [name, id_number, mobile] {
            make_fit(text);
        }
        if let Payee::Account { holder, bank, number } = payee {
            for text in [holder, bank, number] {
                make_fit(text);
            }
        }
        for JointSignatory { name, id_number } in joint {
            make_fit(name);
            make_fit(id_number);
        }
    }
}

fn make_fit(text: &mut String) {
    if !text.contains(acts) {
        return;
    }
    let mut fit = String::with_capacity(text.len() * REPLACED.len_utf8());
    fit.extend(text.chars().map(|c| if acts(c) { REPLACED } else { c }));
    std::mem::swap(text, &mut fit);
    fit.zeroize();
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;

    #[derive(Deserialize)]
    struct Vectors {
        texts: Vec<[String; 2]>,
    }

    #[test]
    fn every_text_of_the_shared_vectors_is_shown_alike_here() {
        let vectors: Vectors =
            serde_json::from_str(include_str!("../../tests/vectors/shown-texts.json")).unwrap();
        assert!(vectors.texts.len() >= 15);
        for [mut sealed, shown] in vectors.texts {
            make_fit(&mut sealed);
            assert_eq!(sealed, shown);
        }
    }
}
