//! What is counted for leaders and the public, and from which number on it is shown.

use super::{
    regions::{RegionCode, Regions},
    source::{PolicyError, Source},
};
use serde::Deserialize;
use toml::Spanned;

/// `figures.toml`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FigureRules {
    /// Counts below this are not shown; 3 to 100.
    pub smallest: u32,
    /// Cases elsewhere are left out. The regions directly below are the rows of the figures.
    pub area: RegionCode,
    /// Whether the portal has a page of finished years.
    pub public: bool,
}

impl FigureRules {
    /// # Errors
    /// If something is missing, unknown or out of range, or nothing lies below the area.
    pub fn parse(source: &Source, regions: &Regions) -> Result<Self, PolicyError> {
        let file: File = source.parse()?;
        let (smallest, area) = (*file.smallest.get_ref(), *file.area.get_ref());
        if !(3..=100).contains(&smallest) {
            let reason = format!("expected smallest from 3 to 100, found {smallest}");
            return Err(source.refuse(&file.smallest.span(), reason));
        }
        if regions.children(area).next().is_none() {
            let reason = format!("nothing lies below region {area} in regions.csv");
            return Err(source.refuse(&file.area.span(), reason));
        }
        Ok(Self { smallest, area, public: file.public })
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    smallest: Spanned<u32>,
    area: Spanned<RegionCode>,
    public: bool,
}
