//! Sets that follow one another: how the next is drafted, which came before, and who of a set is still there later.

use super::{Office, RecipientSet, SetRefused, Trustee, UntrustedSet};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

/// What is to be different in the next set. Whoever is not named stays as they are.
#[derive(Default)]
pub struct Succession {
    /// The office's new public halves; `None`: unchanged.
    pub office: Option<Office>,
    /// Names of trustees who leave: revoked, or their key lost.
    pub without: Vec<String>,
    /// Trustees with their new public halves. Of the same name as one who is there: in that one's place. The first others
    /// take the places of those who leave, the rest stand at the end.
    pub with: Vec<Trustee>,
    /// How many must act together; `None`: unchanged.
    pub threshold: Option<usize>,
}

impl Succession {
    /// Drafts the set that follows `old`. It holds no signature yet.
    ///
    /// # Errors
    /// A name that nobody bears, fewer trustees needed than before, and whatever [`UntrustedSet::draft`] refuses.
    pub fn draft(self, old: &RecipientSet) -> Result<UntrustedSet, SetRefused> {
        let mut places: Vec<Option<Trustee>> = old.trustees().iter().cloned().map(Some).collect();
        for name in &self.without {
            let mut named = places.iter_mut().filter(|place| place.as_ref().is_some_and(|t| t.name == *name));
            let place = named.next().ok_or_else(|| SetRefused::NoSuchTrustee(name.clone()))?;
            *place = None;
        }
        let (again, new): (Vec<_>, Vec<_>) = self
            .with
            .into_iter()
            .partition(|trustee| places.iter().flatten().any(|there| there.name == trustee.name));
        for trustee in again {
            // Two of one name in `with`: the keys of the set then differ, and its holders see it.
            for place in places.iter_mut().filter(|p| p.as_ref().is_some_and(|t| t.name == trustee.name)) {
                *place = Some(trustee.clone());
            }
        }
        let mut new = new.into_iter();
        for place in places.iter_mut().filter(|place| place.is_none()) {
            *place = new.next();
        }
        let trustees: Vec<Trustee> = places.into_iter().flatten().chain(new).collect();
        let threshold = self.threshold.unwrap_or(old.threshold());
        if threshold < old.threshold() {
            return Err(SetRefused::LowerThreshold { old: old.threshold(), new: threshold });
        }
        let office = self.office.unwrap_or_else(|| old.office().clone());
        UntrustedSet::draft(old.instance(), old.number() + 1, office, trustees, threshold)
    }
}

/// The set in force and those before it, each proven to follow the one before.
#[derive(Clone, Debug)]
pub struct Sets {
    current: Arc<RecipientSet>,
    earlier: BTreeMap<u32, RecipientSet>,
    /// All of them as they lie in their files, for those who check them themselves.
    files: BTreeMap<u32, UntrustedSet>,
}

impl Sets {
    /// `earlier` in any order; every one of them must lie on the way to `current`, whose pin was checked.
    ///
    /// # Errors
    /// A gap, or a set that the next one does not follow.
    pub fn new(
        current: (RecipientSet, &UntrustedSet),
        earlier: Vec<UntrustedSet>,
    ) -> Result<Self, SetRefused> {
        let mut known = BTreeMap::new();
        for untrusted in earlier {
            let set = untrusted.pinned(&untrusted.fingerprint())?;
            known.insert(set.number(), (set, untrusted));
        }
        let (current, mut next) = (Arc::new(current.0), current.1.clone());
        let mut number = current.number();
        let mut earlier = BTreeMap::new();
        let mut files = BTreeMap::from([(number, next.clone())]);
        while !known.is_empty() {
            let before = number.checked_sub(1).and_then(|before| known.remove(&before));
            let (set, untrusted) = before.ok_or(SetRefused::EarlierMissing(number))?;
            next.following(&set)?;
            (number, next) = (set.number(), untrusted);
            files.insert(number, next.clone());
            earlier.insert(number, set);
        }
        Ok(Self { current, earlier, files })
    }

    /// One set, and none before it.
    pub fn only(current: RecipientSet) -> Self {
        Self { current: Arc::new(current), earlier: BTreeMap::new(), files: BTreeMap::new() }
    }

    pub fn current(&self) -> &Arc<RecipientSet> {
        &self.current
    }

    pub fn numbered(&self, number: u32) -> Option<&RecipientSet> {
        if number == self.current.number() { Some(&self.current) } else { self.earlier.get(&number) }
    }

    /// The files of set `from` and those after it, to the one in force.
    pub fn chain(&self, from: u32) -> Vec<UntrustedSet> {
        self.files.range(from..).map(|(_, file)| file.clone()).collect()
    }

    /// Where trustee `trustee` (from 1) of the set in force stands in each set, with the keys they have now.
    pub fn places(&self, trustee: u8) -> Places {
        let position = usize::from(trustee).checked_sub(1);
        let Some(own) = position.and_then(|i| self.current.trustees().get(i)) else {
            return Places::default();
        };
        let sets = self.earlier.values().chain([&*self.current]);
        Places(sets.filter_map(|set| Some((set.number(), set.place_of(own)?))).collect())
    }

    /// How many trustees can still open a report with envelopes of all these sets, and how many it takes: an opening is under the
    /// set in force, by those who stand in each of the others, too, with the keys they have now. `None` for a set that is not known.
    pub fn left(&self, numbers: &BTreeSet<u32>) -> Option<Left> {
        let sets: Vec<_> = numbers.iter().map(|number| self.numbered(*number)).collect::<Option<_>>()?;
        let everywhere = |trustee: &&Trustee| sets.iter().all(|set| set.place_of(trustee).is_some());
        let needed = sets.iter().map(|set| set.threshold()).fold(self.current.threshold(), usize::max);
        Some(Left { usable: self.current.trustees().iter().filter(everywhere).count(), needed })
    }
}

/// Trustees who are still there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Left {
    pub usable: usize,
    pub needed: usize,
}

impl Left {
    /// What is sealed to them can be opened no more.
    pub fn is_lost(self) -> bool {
        self.usable < self.needed
    }
    /// One more key lost, and there is none to spare.
    pub fn is_scarce(self) -> bool {
        self.usable <= self.needed + 1
    }
}

/// What to say of a set in which fewer than two trustees are to spare; `None`: enough are.
pub fn few_to_spare(threshold: usize, trustees: usize) -> Option<String> {
    (trustees < threshold.saturating_add(2)).then(|| {
        format!(
            "{threshold} of {trustees} trustees must act together, and fewer than two are to spare: one who is away and one key lost lock every award. At least {} are advised",
            threshold.saturating_add(2)
        )
    })
}

/// Number of a set → where one and the same holder stands in it, from 1.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Places(BTreeMap<u32, u8>);

impl Places {
    pub fn only(set: u32, place: u8) -> Self {
        Self(BTreeMap::from([(set, place)]))
    }

    pub fn of(&self, set: u32) -> Option<u8> {
        self.0.get(&set).copied()
    }
}

impl RecipientSet {
    /// Where a holder with exactly these keys stands, from 1.
    pub fn place_of(&self, trustee: &Trustee) -> Option<u8> {
        let same = |own: &Trustee| own.recipient == trustee.recipient && own.verify == trustee.verify;
        u8::try_from(self.trustees.iter().position(same)? + 1).ok()
    }

    /// Where the holder stands to whom this age recipient belongs, from 1.
    pub fn place_of_recipient(&self, recipient: &str) -> Option<u8> {
        u8::try_from(self.trustees.iter().position(|own| own.recipient == recipient)? + 1).ok()
    }
}
