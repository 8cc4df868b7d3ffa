//! The stage's binary.

fn main() -> std::process::ExitCode {
    stage::main::<recommend::Recommend, recommend::Commands>()
}
