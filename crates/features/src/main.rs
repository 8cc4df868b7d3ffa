//! The features stage as a program.

use std::process::ExitCode;

fn main() -> ExitCode {
    stage::main::<features::Features, stage::cli::NoCommands>()
}
