//! The reward office's tool, used offline: the only program that can open an identity.

use std::process::ExitCode;

/// Freed memory is wiped: what was shown on the terminal stays nowhere else.
#[global_allocator]
static WIPING: zeroizing_alloc::ZeroAlloc<std::alloc::System> =
    zeroizing_alloc::ZeroAlloc(std::alloc::System);

fn main() -> ExitCode {
    mifeng::cli::office::main()
}
