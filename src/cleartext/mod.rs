//! THE FENCE. The only folder that may hold a reporter's name, an original file or the secrets of a lock.
//!
//! Doors in: `seal` (a report), and `files` (an original). Doors for one trustee: `share`, and `reshare`.
//! Door out: `open`, compiled into the officers' tool alone. Nothing here touches logging, storage, HTTP,
//! files or the clock; time and randomness are arguments.
//!
//! A name cannot be read from outside the fence:
//! ```compile_fail,E0616
//! fn name(person: &mifeng::cleartext::identity::Person) -> &str { &person.name }
//! ```
//! nor printed:
//! ```compile_fail,E0277
//! fn print(person: &mifeng::cleartext::identity::Person) { println!("{person:?}") }
//! ```
//! The same two with what is allowed compile:
//! ```
//! fn keep(person: mifeng::cleartext::identity::Person) -> mifeng::cleartext::identity::Person { person }
//! ```

/// Cleaned copies of pictures, for investigators.
pub mod clean;
/// Originals, streamed into the seal.
pub mod files;
pub mod identity;
/// The identity page, read.
pub mod intake;
#[cfg(feature = "open")]
pub mod open;
/// Shares of an earlier set, split and joined for a later one.
pub mod reshare;
pub mod seal;
pub mod share;
#[cfg(feature = "open")]
mod shown;
