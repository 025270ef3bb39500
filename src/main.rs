//! The program. Everything is in the library, where tests reach it.

use std::io::Write;
use std::process::ExitCode;

use portico::cli::Cli;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    match Cli::read().run() {
        Ok(status) => status,
        Err(error) => {
            // Not `eprintln!`, which panics where nobody can read it.
            let _ = writeln!(std::io::stderr(), "portico: {error}");
            ExitCode::FAILURE
        }
    }
}
