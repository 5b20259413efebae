//! Rules as data, and the awards that are computed by them.

mod policy;
mod rewards;
