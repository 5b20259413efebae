//! What to do, as it is typed: `120,80,200,260` or `120,80,200,260@3-8`, `10-15`, `voice`.

use std::str::FromStr;

/// What the copy is to be.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Wishes {
    pub covers: Vec<Cover>,
    pub crop: Option<Cover>,
    pub cuts: Vec<Cut>,
    pub sound: Sound,
}

/// A place in the picture, in pixels from the upper left, perhaps for some seconds only.
#[derive(Clone, Debug, PartialEq)]
pub struct Cover {
    pub x: u32,
    pub y: u32,
    pub width: u32,
    pub height: u32,
    pub time: Option<Cut>,
}

/// Whole seconds, both included: 3-8 is from the beginning of the third to the end of the eighth, counted from 0.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Cut {
    pub from: u32,
    pub to: u32,
}

/// What becomes of voices.
#[derive(Clone, Copy, Debug, Default, PartialEq, clap::ValueEnum)]
pub enum Sound {
    /// Pitched otherwise
    #[default]
    Voice,
    /// Without sound
    None,
    /// As it was recorded
    Keep,
}

impl FromStr for Cut {
    type Err = &'static str;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (from, to) = text.split_once('-').ok_or("expected seconds as FROM-TO, for example 3-8")?;
        let second = |text: &str| text.parse().map_err(|_| "a second is a whole number");
        let cut = Self { from: second(from)?, to: second(to)? };
        if cut.from <= cut.to { Ok(cut) } else { Err("the first second comes before the last") }
    }
}

impl Cut {
    /// Refuses what goes on after the last begun second.
    pub fn is_within(self, last: u32) -> Result<(), String> {
        let Self { from, to } = self;
        match to <= last {
            true => Ok(()),
            false => Err(format!("{from}-{to} is beyond the end: there are the seconds 0-{last}")),
        }
    }
}

impl FromStr for Cover {
    type Err = &'static str;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (place, time) = match text.split_once('@') {
            Some((place, time)) => (place, Some(time.parse()?)),
            None => (text, None),
        };
        let numbers: Vec<u32> = place.split(',').map_while(|number| number.parse().ok()).collect();
        match (&numbers[..], place.split(',').count()) {
            (&[x, y, width, height], 4) if width > 0 && height > 0 => Ok(Self { x, y, width, height, time }),
            _ => Err("expected X,Y,WIDTH,HEIGHT in pixels, for example 120,80,200,260"),
        }
    }
}

impl Cover {
    /// What of it lies in a picture of this size; `None`: nothing.
    pub fn within(&self, (width, height): (u32, u32)) -> Option<(u32, u32, u32, u32)> {
        let right = self.x.saturating_add(self.width).min(width);
        let below = self.y.saturating_add(self.height).min(height);
        (self.x < right && self.y < below).then(|| (self.x, self.y, right - self.x, below - self.y))
    }

    /// Why it is refused where nothing of it lies in the picture.
    pub fn is_beside(&self, (width, height): (u32, u32)) -> String {
        format!("{},{} lies outside the picture, which is {width} wide and {height} high", self.x, self.y)
    }

    pub fn pixels(&self, size: (u32, u32)) -> impl Iterator<Item = (u32, u32)> + use<> {
        let (x, y, width, height) = self.within(size).unwrap_or_default();
        (y..y + height).flat_map(move |y| (x..x + width).map(move |x| (x, y)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_and_seconds_are_read_as_typed_and_nothing_else_is() {
        let cover: Cover = "120,80,200,260@3-8".parse().unwrap();
        assert_eq!((cover.x, cover.height, cover.time), (120, 260, Some(Cut { from: 3, to: 8 })));
        for bad in ["", "1,2,3", "1,2,3,4,5", "1,2,0,4", "-1,2,3,4", "1,2,3,4@8-3", "1,2,3,4@3", "a,b,c,d"] {
            assert!(bad.parse::<Cover>().is_err(), "{bad}");
        }
        assert_eq!("3-3".parse::<Cut>(), Ok(Cut { from: 3, to: 3 }), "one second");
        for bad in ["3", "8-3", "-3-8", "x-y"] {
            assert!(bad.parse::<Cut>().is_err(), "{bad}");
        }
    }

    #[test]
    fn a_place_beyond_the_edge_ends_there() {
        let cover: Cover = "90,90,50,50".parse().unwrap();
        assert_eq!(cover.within((100, 100)), Some((90, 90, 10, 10)));
        assert_eq!(cover.within((90, 100)), None);
        assert_eq!(cover.pixels((100, 100)).count(), 100);
    }
}
