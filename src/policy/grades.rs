//! The grades of an accident: any one criterion is enough.

use super::{
    money::{Fen, Yuan},
    source::{PolicyError, Source},
    text::Text,
};
use serde::{Deserialize, Serialize};

/// The grades of an accident; any one criterion is enough, and the highest grade met counts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AccidentGrades {
    pub document: String,
    pub cite: Text,
    pub ordinary: OrdinaryGrade,
    pub larger: Threshold,
    pub major: Threshold,
    pub extraordinary: Threshold,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OrdinaryGrade {
    pub name: Text,
}

/// Met from these figures upwards, the figure itself included.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Threshold {
    pub name: Text,
    pub deaths: u32,
    pub injuries: u32,
    pub loss_yuan: Yuan,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Grade {
    Ordinary,
    Larger,
    Major,
    Extraordinary,
}

impl AccidentGrades {
    /// # Errors
    /// If a threshold is not above the one below it in every figure.
    pub fn parse(source: &Source) -> Result<Self, PolicyError> {
        let grades: Self = source.parse()?;
        let rising = |a: &Threshold, b: &Threshold| {
            a.deaths < b.deaths && a.injuries < b.injuries && a.loss_yuan < b.loss_yuan
        };
        for (name, low, high) in [
            ("major", &grades.larger, &grades.major),
            ("extraordinary", &grades.major, &grades.extraordinary),
        ] {
            if !rising(low, high) {
                let at = source.text.find(&format!("[{name}]")).unwrap_or(0);
                return Err(
                    source.refuse(&(at..at), format!("{name}: every figure must be above the grade below"))
                );
            }
        }
        Ok(grades)
    }

    /// The highest grade any of the figures reaches. `injuries` are serious ones.
    pub fn grade(&self, deaths: u32, injuries: u32, loss: Fen) -> Grade {
        let reaches = |threshold: &Threshold| {
            deaths >= threshold.deaths || injuries >= threshold.injuries || loss >= threshold.loss_yuan.fen()
        };
        if reaches(&self.extraordinary) {
            Grade::Extraordinary
        } else if reaches(&self.major) {
            Grade::Major
        } else if reaches(&self.larger) {
            Grade::Larger
        } else {
            Grade::Ordinary
        }
    }

    pub fn name(&self, grade: Grade) -> &Text {
        match grade {
            Grade::Ordinary => &self.ordinary.name,
            Grade::Larger => &self.larger.name,
            Grade::Major => &self.major.name,
            Grade::Extraordinary => &self.extraordinary.name,
        }
    }
}
