//! Money: computed from policy, approved by several, spent once.

pub mod approval;
pub mod claim;
pub mod compute;
pub mod decision;
pub mod effect;
pub mod handover;
pub mod notice;
pub mod paper;
pub mod record;
pub mod release;
pub mod state;
pub mod summary;
