//! Parsers of foreign bytes, each under a function that takes any bytes and says what must hold of them: nothing
//! panics, what is read prints and reads the same again, limits hold, and what is refused costs little memory.
//!
//! Two readers: libFuzzer (`make fuzz`, by the programs in `fuzz_targets/`), and `tests/foreign_bytes.rs` in every test
//! run. A program that includes this file has its counting allocator.

#[path = "targets/files.rs"]
mod files;
#[path = "targets/holders.rs"]
mod holders;
#[path = "targets/log.rs"]
mod log;
#[path = "targets/memory.rs"]
mod memory;
#[path = "targets/policy.rs"]
mod policy;
#[path = "targets/texts.rs"]
mod texts;
#[path = "targets/web.rs"]
mod web;

use memory::held;

macro_rules! targets {
    ($($module:ident: $($name:ident)*;)*) => {
        $(pub use $module::{$($name),*};)*
        /// Each with the name of its program and of its folder of seeds.
        pub const ALL: &[(&str, fn(&[u8]))] = &[$($((stringify!($name), $name as fn(&[u8])),)*)*];
    };
}

targets! {
    web: multipart form device_body;
    files: image file_kind age_header sealed_file;
    holders: mailbox envelope recipient_set roster release decision;
    log: tiles checkpoint leaf proof;
    policy: reward_file policy_file;
    texts: receipt scrub search;
}

/// Bytes that a parser of small things may hold beside some copies of what it reads.
const LITTLE: usize = 256 * 1024;

/// What a parser of a text of that length may hold: sixty-four times as much, which is a word of memory for each of its
/// bytes eight times over.
fn for_text(text: &[u8]) -> usize {
    LITTLE + 64 * text.len()
}
