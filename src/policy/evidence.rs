//! How long a reporter may stop the opening of an original, and how long a request is good for.

use super::{
    source::{PolicyError, Source},
    values::Days,
};
use serde::Deserialize;
use toml::Spanned;

/// `evidence.toml`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EvidenceRules {
    /// Whole days after the day of the request in which the reporter may object; 1 to 60.
    pub object: Days,
    /// Days after the day of the request on which it can still be opened; more than `object`, at most 180.
    pub good: Days,
    /// Requests a case can have; 1 to 20.
    pub most_requests: u8,
    /// Edited copies a request can bring into the case; 1 to 50.
    pub most_copies: u8,
    pub copies: CopyLimits,
}

/// What an edited copy may be. MiB; `None`: not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CopyLimits {
    /// JPEG, PNG, WebP or GIF; 1 to 40.
    pub picture: Option<u64>,
    /// MP4 with a picture track; 1 to 2000.
    pub film: Option<u64>,
    /// MP4 with a sound track alone; 1 to 500.
    pub sound: Option<u64>,
}

impl EvidenceRules {
    /// # Errors
    /// If something is missing, unknown or out of range.
    pub fn parse(source: &Source) -> Result<Self, PolicyError> {
        let file: File = source.parse()?;
        let days = |name: &str, value: &Spanned<u32>, least: u32, most: u32| match *value.get_ref() {
            found if (least..=most).contains(&found) => {
                Days::try_from(found).map_err(|bad| source.refuse(&value.span(), bad.to_string()))
            }
            found => Err(source
                .refuse(&value.span(), format!("expected {name} from {least} to {most}, found {found}"))),
        };
        let count = |name: &str, value: &Spanned<u8>, most: u8| match *value.get_ref() {
            found if (1..=most).contains(&found) => Ok(found),
            found => {
                Err(source.refuse(&value.span(), format!("expected {name} from 1 to {most}, found {found}")))
            }
        };
        let size = |name: &str, value: &Option<Spanned<u64>>, most: u64| match value {
            None => Ok(None),
            Some(value) if (1..=most).contains(value.get_ref()) => Ok(Some(*value.get_ref())),
            Some(value) => Err(source.refuse(
                &value.span(),
                format!("expected {name} from 1 to {most} MiB, found {}", value.get_ref()),
            )),
        };
        let copies = CopyLimits {
            picture: size("picture", &file.copies.picture, 40)?,
            film: size("film", &file.copies.film, 2000)?,
            sound: size("sound", &file.copies.sound, 500)?,
        };
        let object = days("object_days", &file.object_days, 1, 60)?;
        Ok(Self {
            object,
            good: days("good_days", &file.good_days, object.count() + 1, 180)?,
            most_requests: count("most_requests", &file.most_requests, 20)?,
            most_copies: count("most_copies", &file.most_copies, 50)?,
            copies,
        })
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    object_days: Spanned<u32>,
    good_days: Spanned<u32>,
    most_requests: Spanned<u8>,
    most_copies: Spanned<u8>,
    copies: Sizes,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Sizes {
    picture: Option<Spanned<u64>>,
    film: Option<Spanned<u64>>,
    sound: Option<Spanned<u64>>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<EvidenceRules, PolicyError> {
        EvidenceRules::parse(&Source { file: "evidence.toml".into(), text: text.into() })
    }

    #[test]
    fn a_reporter_always_has_a_day_to_object_and_a_request_a_day_to_be_used() {
        let good = "object_days = 3\ngood_days = 4\nmost_requests = 5\nmost_copies = 20\n[copies]\npicture = 20\nfilm = 300\n";
        let limits = parse(good).unwrap().copies;
        assert_eq!((limits.picture, limits.film, limits.sound), (Some(20), Some(300), None));
        assert_eq!(parse(good).unwrap().object.count(), 3);
        for (find, replace, line) in [
            ("object_days = 3", "object_days = 0", 1),
            ("object_days = 3", "object_days = 61", 1),
            ("good_days = 4", "good_days = 3", 2),
            ("good_days = 4", "good_days = 181", 2),
            ("= 5", "= 0", 3),
            ("most_copies = 20", "most_copies = 51", 4),
            ("picture = 20", "picture = 41", 6),
            ("film = 300", "film = 0", 7),
            ("object_days =", "object_dayz =", 1),
        ] {
            assert_eq!(parse(&good.replacen(find, replace, 1)).unwrap_err().line, line, "{replace}");
        }
    }
}
