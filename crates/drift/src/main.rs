//! The stage's binary.

fn main() -> std::process::ExitCode {
    stage::main::<drift::Drift, drift::Commands>()
}
