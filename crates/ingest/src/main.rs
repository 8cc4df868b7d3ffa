//! The ingest stage as a program.

use std::process::ExitCode;

fn main() -> ExitCode {
    stage::main::<ingest::Ingest, stage::cli::NoCommands>()
}
