//! docs/operations.md, "Keys over years", followed to the letter with the program's own commands: a trustee's key is lost, a
//! new set is signed and pinned, the check says what is left, and the shares are split again.

#[path = "../store_support/mod.rs"]
mod store_support;

/// Commands in a folder, a ceremony, and the store they leave.
mod support;

/// What a database lets be written over, and by whom.
mod database;
/// The log's key is changed, or lost.
mod log;
/// How a batch ends, and what is destroyed then.
mod old;
/// What an operator types without thinking.
mod operator;
/// The root key, and retention keys.
mod root;
/// A later recipient set.
mod sets;
/// Shares are split again.
mod shares;
