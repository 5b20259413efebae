//! Who begins a report while the server is under pressure: everybody, one after another.
//!
//! Only the first step is held back, where nothing has been typed yet and one visitor is like the next: whoever is let in
//! is never asked again, whatever they report, so a report of present danger waits no longer than any other. There are
//! two lanes, and a flood in one does not fill the other: whoever waits until the ticket's time, and whoever's device has
//! done its work. Kept in memory are a few numbers and the tickets that were used, which are as many as the lanes let in.

mod ticket;

pub(super) use ticket::{Challenge, Ticket};

use crate::pressure::{BEGINS_AT, Measure, Pressure};
use rand::CryptoRng;
use std::{
    collections::BTreeSet,
    sync::{Mutex, MutexGuard, PoisonError},
};
use ticket::TicketKey;

/// Let in a second after waiting, while no more than three quarters of the places inside are taken. Beyond that it is less
/// and less, down to nothing when all are: the lanes come to rest where as many come in as leave, and who is let in finds a
/// place.
const WAITED: u32 = 10;
/// Let in a second after work; the same holds.
const WORKED: u32 = 20;
/// Nobody without work waits less, so that a program gains nothing by asking again and again,
const SHORTEST_SECONDS: i64 = 10;
/// or is told to wait longer, however many tickets were asked for.
const LONGEST_SECONDS: i64 = 300;
/// So long a place is kept after its time has come.
pub(super) const KEPT_SECONDS: i64 = 600;
/// A clock set back by no more than this stands still until it is there again.
const CROSSED_SECONDS: i64 = 10;
/// Used tickets remembered: as many as can be let in while the first of them is good.
const MOST_USED: usize = ((WAITED + WORKED) as i64 * (LONGEST_SECONDS + KEPT_SECONDS)) as usize;

pub(super) struct Gate {
    pressure: Pressure,
    key: TicketKey,
    line: Mutex<Line>,
}

#[derive(Default)]
struct Line {
    time: Time,
    /// When the next ticket's time comes, in milliseconds since 1970.
    next_ms: i64,
    waited: Lane,
    worked: Lane,
    used: BTreeSet<(i64, [u8; 16])>,
}

/// Seconds since 1970 as tickets count them: those of the machine's clock, but for that this time never goes back. Where the
/// clock is set back it goes on from where it was, or a ticket would be of a far future, and a used one remembered as long.
#[derive(Default)]
struct Time {
    now: i64,
    /// What the clock said last.
    clock: Option<i64>,
}

/// How many may still be let in, in thousandths: where the house is nearly full, less than one a second.
#[derive(Default)]
struct Lane {
    second: i64,
    left: u32,
}

/// Somebody was let in; by no ticket if there is no pressure or they were inside before.
#[derive(Default)]
pub(super) struct Pass(Option<Ticket>);

impl Gate {
    pub fn new(pressure: Pressure, rng: &mut impl CryptoRng) -> Self {
        Self { pressure, key: TicketKey::draw(rng), line: Mutex::default() }
    }

    pub fn is_open(&self) -> bool {
        !self.pressure.is_on()
    }

    /// Lets a newcomer in, or gives the ticket to come back with: their own while it is good, else a new one. Times in
    /// Unix seconds.
    pub fn enter(&self, place: &str, work: &str, now: i64, rng: &mut impl CryptoRng) -> Result<Pass, Ticket> {
        if self.is_open() {
            return Ok(Pass(None));
        }
        let worked = self.key.read_work(work);
        let known = worked.or_else(|| self.key.read_place(place));
        let share = self.share();
        let (mut line, now) = self.at(now);
        line.used = line.used.split_off(&(now, [0; 16]));
        let Some(ticket) = known.filter(|ticket| now <= ticket.expires && !line.has_used(ticket)) else {
            return Err(line.issue(share, now, rng));
        };
        let taken = match worked {
            Some(_) => line.worked.take(WORKED * share, now),
            None => now >= ticket.ready && line.waited.take(WAITED * share, now),
        };
        if !taken || line.used.len() >= MOST_USED {
            return Err(ticket);
        }
        line.used.insert((ticket.expires, ticket.nonce));
        Ok(Pass(Some(ticket)))
    }

    /// There was no place inside after all: the ticket stays good.
    pub fn give_back(&self, pass: Pass) {
        if let Pass(Some(ticket)) = pass {
            self.lock().used.remove(&(ticket.expires, ticket.nonce));
        }
    }

    /// How much of their full rate the lanes have, in thousandths, by the fuller of both rooms inside.
    fn share(&self) -> u32 {
        let load = self.pressure.load();
        let taken = load.of(Measure::Drafts).max(load.of(Measure::Reports));
        u32::from((100 - taken).min(100 - BEGINS_AT)) * 1000 / u32::from(100 - BEGINS_AT)
    }

    /// The ticket of this place, while it is good.
    pub fn look(&self, place: &str, now: i64) -> Option<Ticket> {
        let ticket = self.key.read_place(place)?;
        let (line, now) = self.at(now);
        (now <= ticket.expires && !line.has_used(&ticket)).then_some(ticket)
    }

    /// Seconds until this ticket's time comes.
    pub fn wait(&self, ticket: Ticket, now: i64) -> i64 {
        (ticket.ready - self.at(now).1).max(0)
    }

    pub fn place(&self, ticket: Ticket) -> String {
        self.key.place(ticket)
    }

    pub fn challenge(&self, ticket: Ticket) -> Challenge {
        self.key.challenge(ticket)
    }

    /// The line, and its own time when the clock says `clock`.
    fn at(&self, clock: i64) -> (MutexGuard<'_, Line>, i64) {
        let mut line = self.lock();
        let now = line.time.at(clock);
        (line, now)
    }

    fn lock(&self) -> MutexGuard<'_, Line> {
        self.line.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Line {
    fn has_used(&self, ticket: &Ticket) -> bool {
        self.used.contains(&(ticket.expires, ticket.nonce))
    }

    /// Times are as far apart as the lane's turns are.
    fn issue(&mut self, share: u32, now: i64, rng: &mut impl CryptoRng) -> Ticket {
        let turn = self.next_ms.max(now * 1000);
        let apart = 1_000_000 / i64::from((WAITED * share).max(1));
        self.next_ms = (turn + apart).min((now + LONGEST_SECONDS) * 1000);
        let mut nonce = [0; 16];
        rng.fill_bytes(&mut nonce);
        let ready = (turn.div_euclid(1000)).max(now + SHORTEST_SECONDS).min(now + LONGEST_SECONDS);
        Ticket { nonce, ready, expires: ready + KEPT_SECONDS }
    }
}

impl Time {
    fn at(&mut self, clock: i64) -> i64 {
        // Two at once come here in another order than they looked at the clock: no second passes twice.
        if self.clock.is_some_and(|before| (before - CROSSED_SECONDS..before).contains(&clock)) {
            return self.now;
        }
        let before = self.clock.replace(clock);
        self.now = before.map_or(clock, |before| self.now + (clock - before).max(0));
        self.now
    }
}

impl Lane {
    /// `rate`: how many a second, in thousandths.
    fn take(&mut self, rate: u32, now: i64) -> bool {
        if self.second != now {
            let seconds = u32::try_from(now - self.second).unwrap_or(u32::MAX);
            // Turns that nobody took are not saved up, but for the parts of one.
            let more = rate.saturating_mul(seconds).saturating_add(self.left % 1000);
            self.left = more.min(rate + 999);
            self.second = now;
        }
        let free = self.left >= 1000;
        self.left -= if free { 1000 } else { 0 };
        free
    }
}

#[cfg(test)]
mod tests {
    use super::{
        ticket::tests::{sent, work},
        *,
    };
    use crate::pressure::{Load, Switch};
    use std::time::Duration;

    const NOW: i64 = 1_800_000_000;

    fn gate(switch: Switch) -> Gate {
        Gate::new(Pressure::new(switch), &mut rand::rng())
    }

    fn enter(gate: &Gate, place: &str, work: &str, now: i64) -> Result<(), Ticket> {
        gate.enter(place, work, now, &mut rand::rng()).map(drop)
    }

    fn ticket(gate: &Gate, now: i64) -> Ticket {
        enter(gate, "", "", now).unwrap_err()
    }

    #[test]
    fn without_pressure_nobody_waits_and_with_it_a_place_is_kept_and_good_once() {
        assert!(enter(&gate(Switch::Off), "", "", NOW).is_ok());
        let gate = gate(Switch::Always);
        let mine = ticket(&gate, NOW);
        let place = gate.place(mine);
        assert_eq!(mine.ready, NOW + SHORTEST_SECONDS);
        assert_eq!(enter(&gate, &place, "", mine.ready - 1), Err(mine), "not yet, and the same place");
        assert_eq!(gate.look(&place, mine.ready), Some(mine));
        assert!(enter(&gate, &place, "", mine.ready).is_ok());
        assert_ne!(enter(&gate, &place, "", mine.ready), Err(mine), "once");
        assert_eq!(gate.look(&place, mine.ready), None);
        let late = ticket(&gate, mine.ready);
        assert!(enter(&gate, &gate.place(late), "", late.expires).is_ok());
        let too_late = ticket(&gate, late.expires);
        let again = enter(&gate, &gate.place(too_late), "", too_late.expires + 1).unwrap_err();
        assert!(again.ready > too_late.expires);
    }

    #[test]
    fn work_shortens_the_wait_and_is_good_once() {
        let gate = gate(Switch::Always);
        let mine = ticket(&gate, NOW);
        let done = sent(&work(&gate.challenge(mine)));
        assert!(enter(&gate, "", &done, NOW).is_ok());
        assert!(enter(&gate, "", &done, NOW).is_err());
        assert!(enter(&gate, &gate.place(mine), "", mine.ready).is_err(), "nor the place after its work");
        assert!(enter(&gate, "", &done, mine.expires + 1).is_err(), "nor when it has been forgotten");
    }

    #[test]
    fn a_flood_of_tickets_makes_no_wait_longer_than_the_longest() {
        let gate = gate(Switch::Always);
        let waits: Vec<i64> = (0..10_000).map(|_| ticket(&gate, NOW).ready - NOW).collect();
        assert_eq!((waits[0], waits[150], waits[9_999]), (10, 15, LONGEST_SECONDS));
        assert!(waits.is_sorted(), "who came first goes first");
        assert_eq!(ticket(&gate, NOW + LONGEST_SECONDS).ready, NOW + LONGEST_SECONDS + SHORTEST_SECONDS);
    }

    #[test]
    fn a_flood_in_one_lane_leaves_the_other_free_and_the_memory_bounded() {
        let gate = gate(Switch::Always);
        let places: Vec<Ticket> = (0..100).map(|_| ticket(&gate, NOW)).collect();
        let then = NOW + 60;
        let entered = |now| places.iter().filter(|t| enter(&gate, &gate.place(**t), "", now).is_ok()).count();
        assert_eq!(entered(then), WAITED as usize);
        let mine = ticket(&gate, then);
        assert!(enter(&gate, "", &sent(&work(&gate.challenge(mine))), then).is_ok(), "who worked goes in");
        assert_eq!(entered(then + 1), WAITED as usize, "the next second, and those before were used");
        assert_eq!(gate.lock().used.len(), 2 * WAITED as usize + 1);
        ticket(&gate, then + LONGEST_SECONDS + KEPT_SECONDS + 1);
        assert!(gate.lock().used.is_empty(), "none is remembered longer than it is good");
    }

    #[test]
    fn the_lanes_follow_the_free_places() {
        for measure in [Measure::Drafts, Measure::Reports] {
            let pressure = Pressure::new(Switch::Auto);
            let gate = Gate::new(pressure.clone(), &mut rand::rng());
            let taken =
                |percent| pressure.measured(Load::default().with(measure, percent, 100), Duration::ZERO);
            taken(100);
            let places: Vec<String> = (0..200).map(|_| gate.place(ticket(&gate, NOW))).collect();
            let mut then = NOW + LONGEST_SECONDS;
            let mut entered = |percent, seconds| {
                taken(percent);
                let mut within = 0;
                for _ in 0..seconds {
                    then += 1;
                    within += places.iter().filter(|place| enter(&gate, place, "", then).is_ok()).count();
                }
                within
            };
            assert_eq!(entered(100, 10), 0, "nobody where there is no place");
            assert_eq!(entered(75, 1), 10);
            assert_eq!(entered(99, 10), 4, "four in ten seconds where one place of a hundred is free");
            assert_eq!(entered(90, 2), 8, "four a second");
            assert_eq!(entered(76, 5), 48);
            assert_eq!(entered(100, 10), 0);
        }
    }

    #[test]
    fn times_are_given_out_as_far_apart_as_turns_come() {
        let pressure = Pressure::new(Switch::Auto);
        let gate = Gate::new(pressure.clone(), &mut rand::rng());
        for (percent, wait) in [(75, 20), (90, 50), (99, LONGEST_SECONDS), (100, LONGEST_SECONDS)] {
            pressure.measured(Load::default().with(Measure::Drafts, percent, 100), Duration::ZERO);
            let now = NOW + 10_000 * percent as i64;
            let last = (0..=200).map(|_| ticket(&gate, now)).last().unwrap();
            assert_eq!(last.ready - now, wait, "{percent}");
        }
    }

    #[test]
    fn two_who_cross_make_no_second_pass_twice() {
        let mut time = Time::default();
        for clock in [1000, 1001, 1000, 1001, 1000, 1001] {
            time.at(clock);
        }
        assert_eq!(time.at(1002), 1002);
        assert_eq!(time.at(1002 - 3600), 1002, "set back");
        assert_eq!(time.at(1003 - 3600), 1003, "and goes on");
    }

    #[test]
    fn a_clock_set_back_an_hour_locks_no_ticket_out_and_lets_none_in_twice_or_for_ever() {
        const BACK: i64 = NOW - 3_600;
        let gate = gate(Switch::Always);
        let [mine, spent, kept] = [0; 3].map(|_| ticket(&gate, NOW));
        assert!(enter(&gate, &gate.place(spent), "", spent.ready).is_ok());
        let back = BACK + SHORTEST_SECONDS;
        assert_eq!(gate.wait(kept, back), 0);
        assert!(enter(&gate, &gate.place(mine), "", back).is_ok(), "its time had come");
        for used in [mine, spent] {
            assert!(enter(&gate, &gate.place(used), "", back + 1).is_err());
        }
        let newcomer = ticket(&gate, back + 1);
        assert_eq!(gate.wait(newcomer, back + 1), SHORTEST_SECONDS, "nor does anybody wait for the hour");
        assert_eq!(gate.look(&gate.place(kept), back + KEPT_SECONDS), Some(kept));
        assert_eq!(gate.look(&gate.place(kept), back + KEPT_SECONDS + 1), None, "no longer than was said");
        ticket(&gate, back + KEPT_SECONDS + 1);
        assert!(gate.lock().used.is_empty(), "and what was used is forgotten then");
        // Ahead and back again: who waits is asked once more, and for no longer than anybody.
        let ahead = ticket(&gate, NOW + 7_200);
        assert_eq!(gate.wait(ahead, NOW), SHORTEST_SECONDS);
    }

    #[test]
    fn whoever_finds_no_place_inside_keeps_the_ticket() {
        let gate = gate(Switch::Always);
        let mine = ticket(&gate, NOW);
        let place = gate.place(mine);
        let pass = gate.enter(&place, "", mine.ready, &mut rand::rng()).unwrap();
        gate.give_back(pass);
        assert!(enter(&gate, &place, "", mine.ready).is_ok());
    }
}
