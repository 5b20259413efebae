//! What a reporter's files become: cleaned copies, and sealed originals.

#[path = "../corpus/mod.rs"]
mod corpus;

mod bare;
mod bombs;
mod clean;
mod device_clean;
mod files;
