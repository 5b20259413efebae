//! The server and the tools of everybody but the reward office. Has no code that opens an identity.

use std::process::ExitCode;

/// Freed memory is wiped: form fields, HTTP buffers, strings of libraries.
#[global_allocator]
static WIPING: zeroizing_alloc::ZeroAlloc<std::alloc::System> =
    zeroizing_alloc::ZeroAlloc(std::alloc::System);

fn main() -> ExitCode {
    mifeng::cli::main()
}
