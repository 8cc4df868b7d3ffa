# `just` lists the recipes; each is a plain command that works without just too.

# What is here
default:
    @just --list

# Sample data, a whole day on it, and what came of it
demo:
    cargo run --release -- demo

# Every test
test:
    cargo test --workspace

# What CI does
ci:
    bash .ci/run

# Format, lint, document
check:
    cargo fmt --all --check
    cargo clippy --workspace --all-targets --all-features -- -D warnings
    RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps --all-features

# Beside the Python system, on a full set (needs Python 3.11; some 10 minutes)
bench:
    bash benches/peer/run.sh
