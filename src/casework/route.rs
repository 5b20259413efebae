//! Which body a case lies with.

use super::{case::Case, summary::CaseSummary};
use crate::{
    clock::Day,
    policy::{Bodies, Body, Code},
};
use serde::{Deserialize, Serialize};

/// From one body to another above or below it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Handover {
    pub day: Day,
    /// Codes of `policy/bodies.toml`.
    pub from: Code,
    pub to: Code,
}

impl Case {
    /// A new case, handled by the body that policy names for it.
    pub fn routed(self, bodies: &Bodies) -> Self {
        let body = Some(self.handled_by(bodies).code.clone());
        Self { body, ..self }
    }

    /// The body that handles it. One that policy no longer knows has left its cases to the competent one.
    pub fn handled_by<'a>(&self, bodies: &'a Bodies) -> &'a Body {
        let content = &self.content;
        let named = self.body.as_ref().and_then(|code| bodies.get(code.as_str()));
        named.unwrap_or_else(|| bodies.competent(&content.region, &content.industry, content.kind))
    }
}

impl CaseSummary {
    /// As [`Case::handled_by`].
    pub fn handled_by<'a>(&self, bodies: &'a Bodies) -> &'a Body {
        let named = self.body.as_ref().and_then(|code| bodies.get(code.as_str()));
        named.unwrap_or_else(|| bodies.competent(&self.region, &self.industry, self.kind))
    }
}
