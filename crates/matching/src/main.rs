//! The stage's binary.

fn main() -> std::process::ExitCode {
    stage::main::<matching::Matching, matching::Commands>()
}
