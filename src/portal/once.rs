//! Tokens of forms: each is good for one act of one visit, and the visit remembers which act that was.

use crate::transcript;
use rand::CryptoRng;
use std::collections::BTreeMap;

/// Acts remembered; forms older than that are not on any screen.
const REMEMBERED: usize = 256;

/// The forms a visit has shown, and what they were used for.
pub(super) struct Tokens {
    /// Half of every token; the other half counts the forms shown.
    secret: String,
    shown: u64,
    spent: BTreeMap<u64, Act>,
}

/// Stands for everything one request asked: SHA-256 over its address and its body.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Act([u8; 32]);

impl Act {
    pub fn of(address: &str, body: &[u8]) -> Self {
        Self(transcript::hash("mifeng/v1/act", &[address.as_bytes(), body]))
    }
}

/// What a form's token says.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Once {
    /// Not a token of this visit: the form is from elsewhere, or from a visit that ended.
    Foreign,
    /// This form was acted on before: only [`Tokens::was_spent_on`] tells whether by the same act.
    Spent,
    Fresh(u64),
}

impl Tokens {
    pub fn new(rng: &mut impl CryptoRng) -> Self {
        let mut secret = [0; 16];
        rng.fill_bytes(&mut secret);
        Self { secret: hex::encode(secret), shown: 0, spent: BTreeMap::new() }
    }

    /// What they hold in memory beside themselves, about.
    pub fn bytes(&self) -> usize {
        self.secret.len() + self.spent.len() * 2 * size_of::<(u64, Act)>()
    }

    /// For the form about to be shown.
    pub fn next(&mut self) -> String {
        self.shown += 1;
        format!("{}-{}", self.secret, self.shown)
    }

    pub fn judge(&self, token: &str) -> Once {
        match self.number(token) {
            Some(number) if self.spent.contains_key(&number) => Once::Spent,
            Some(number) => Once::Fresh(number),
            None => Once::Foreign,
        }
    }

    /// Whether what comes now is what came with this token before: its answer may be given again.
    pub fn was_spent_on(&self, token: &str, act: Act) -> bool {
        self.number(token).and_then(|number| self.spent.get(&number)) == Some(&act)
    }

    /// Remembers that a form was acted on, and how.
    pub fn spend(&mut self, number: u64, act: Act) {
        self.spent.insert(number, act);
        if self.spent.len() > REMEMBERED {
            self.spent.pop_first();
        }
    }

    /// Which of the forms shown; `None` if it was not shown here.
    fn number(&self, token: &str) -> Option<u64> {
        let number = token.strip_prefix(self.secret.as_str())?.strip_prefix('-')?.parse().ok()?;
        (1..=self.shown).contains(&number).then_some(number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_is_known_by_its_visit_and_spent_once() {
        let mut tokens = Tokens::new(&mut rand::rng());
        let (first, second) = (tokens.next(), tokens.next());
        assert_eq!(tokens.judge(&first), Once::Fresh(1));
        tokens.spend(1, Act::of("", b""));
        assert_eq!((tokens.judge(&first), tokens.judge(&second)), (Once::Spent, Once::Fresh(2)));
        let never_shown = second.replace("-2", "-3");
        let elsewhere = Tokens::new(&mut rand::rng()).next();
        for foreign in ["", "-1", "1", never_shown.as_str(), &elsewhere] {
            assert_eq!(tokens.judge(foreign), Once::Foreign, "{foreign}");
        }
    }

    #[test]
    fn a_spent_form_stands_for_the_act_it_was_spent_on_and_no_other() {
        let mut tokens = Tokens::new(&mut rand::rng());
        let (first, second) = (tokens.next(), tokens.next());
        let act = Act::of("/en/device/add", b"{}");
        assert!(!tokens.was_spent_on(&first, act), "not before");
        tokens.spend(1, act);
        assert!(tokens.was_spent_on(&first, act));
        assert!(!tokens.was_spent_on(&second, act));
        for other in [Act::of("/en/device/claim", b"{}"), Act::of("/en/device/add", b"{ }")] {
            assert!(!tokens.was_spent_on(&first, other));
        }
    }
}
