//! Whether the server is near one of its bounds. Pure: whoever measures hands in the figures and the time.
//!
//! It begins when one bound is three quarters used, and ends when every one has been less than half used for a minute:
//! a figure that swings about one line must not send people to and fro.

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    time::Duration,
};

/// Percent of a bound at which pressure begins.
pub const BEGINS_AT: u8 = 75;
/// Percent of every bound below which it may end.
const ENDS_BELOW: u8 = 50;
/// For so long.
const ENDS_AFTER: Duration = Duration::from_secs(60);

/// What is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Measure {
    /// Connections of the reporters' face.
    Connections,
    /// Changes that wait for the store's one writer.
    Writes,
    /// Places for drafts.
    Drafts,
    /// Places for visits with a report.
    Reports,
    /// What this process may still need, of what the machine has left.
    Memory,
}

impl Measure {
    pub const ALL: [Self; 5] = [Self::Connections, Self::Writes, Self::Drafts, Self::Reports, Self::Memory];

    pub fn name(self) -> &'static str {
        match self {
            Self::Connections => "connections",
            Self::Writes => "writes",
            Self::Drafts => "drafts",
            Self::Reports => "reports",
            Self::Memory => "memory",
        }
    }
}

/// How much of each bound is used, in percent. What was not measured counts as unused.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Load([u8; Measure::ALL.len()]);

impl Load {
    /// The same with `used` of `bound`.
    #[must_use]
    pub fn with(mut self, measure: Measure, used: usize, bound: usize) -> Self {
        let percent = used.saturating_mul(100).checked_div(bound).unwrap_or(100);
        self.0[measure as usize] = u8::try_from(percent.min(100)).unwrap_or(100);
        self
    }

    pub fn of(self, measure: Measure) -> u8 {
        self.0[measure as usize]
    }

    fn most(self) -> u8 {
        self.0.into_iter().max().unwrap_or(0)
    }
}

/// What whoever runs the server says of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Switch {
    /// By what is measured.
    #[default]
    Auto,
    /// Never: nobody is asked to wait, and the bounds alone hold.
    Off,
    /// For a drill: every newcomer waits.
    Always,
}

/// One for a process; all clones are the same.
#[derive(Clone, Default)]
pub struct Pressure(Arc<Inner>);

#[derive(Default)]
struct Inner {
    switch: Switch,
    on: AtomicBool,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    load: Load,
    /// Since when every bound has been less than half used.
    calm_since: Option<Duration>,
}

impl Pressure {
    pub fn new(switch: Switch) -> Self {
        let on = AtomicBool::new(switch == Switch::Always);
        Self(Arc::new(Inner { switch, on, state: Mutex::default() }))
    }

    /// Takes in what was measured at `now` (from any fixed moment). Gives the new state if that changed.
    pub fn measured(&self, load: Load, now: Duration) -> Option<bool> {
        let mut state = self.0.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.load = load;
        if self.0.switch != Switch::Auto {
            return None;
        }
        let was = self.is_on();
        state.calm_since = match load.most() {
            percent if percent < ENDS_BELOW => state.calm_since.or(Some(now)),
            _ => None,
        };
        let calm = state.calm_since.is_some_and(|since| now.saturating_sub(since) >= ENDS_AFTER);
        let on = load.most() >= BEGINS_AT || was && !calm;
        self.0.on.store(on, Relaxed);
        (on != was).then_some(on)
    }

    pub fn is_on(&self) -> bool {
        self.0.on.load(Relaxed)
    }

    /// What was measured last.
    pub fn load(&self) -> Load {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner).load
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(pressure: &Pressure, percent: usize, seconds: u64) -> Option<bool> {
        pressure.measured(Load::default().with(Measure::Writes, percent, 100), Duration::from_secs(seconds))
    }

    #[test]
    fn it_begins_at_three_quarters_of_any_bound_and_ends_after_a_calm_minute() {
        for measure in Measure::ALL {
            let pressure = Pressure::default();
            let used = |used| Load::default().with(measure, used, 400);
            assert_eq!(pressure.measured(used(299), Duration::ZERO), None);
            assert_eq!(pressure.measured(used(300), Duration::ZERO), Some(true), "{}", measure.name());
        }
        let pressure = Pressure::default();
        assert_eq!(at(&pressure, 75, 0), Some(true));
        assert_eq!(at(&pressure, 74, 1), None, "no more than it began at is no end");
        assert_eq!(at(&pressure, 49, 2), None);
        assert_eq!(at(&pressure, 50, 61), None, "not calm");
        assert_eq!(at(&pressure, 49, 62), None);
        assert_eq!(at(&pressure, 0, 121), None, "a minute is not over");
        assert!(pressure.is_on());
        assert_eq!(at(&pressure, 0, 122), Some(false));
        assert!(!pressure.is_on());
    }

    #[test]
    fn the_switch_is_stronger_than_what_is_measured() {
        for (switch, on) in [(Switch::Off, false), (Switch::Always, true)] {
            let pressure = Pressure::new(switch);
            for percent in [0, 100] {
                assert_eq!(at(&pressure, percent, 0), None);
                assert_eq!(pressure.is_on(), on, "{switch:?}");
                assert_eq!(
                    usize::from(pressure.load().of(Measure::Writes)),
                    percent,
                    "measured all the same"
                );
            }
        }
    }

    #[test]
    fn a_bound_of_nothing_is_used_up() {
        assert_eq!(Load::default().with(Measure::Memory, 0, 0).of(Measure::Memory), 100);
        assert_eq!(Load::default().with(Measure::Memory, usize::MAX, 1).of(Measure::Memory), 100);
    }
}
