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

# The stages as they are shipped: static binaries, images, archives for Lambda (needs root and Debian; some 15 minutes)
images:
    bash tests/images/run.sh

# A stage's image, by Docker: `just image matching --load`, or `--platform linux/arm64,linux/amd64 --push --tag REPOSITORY:TAG`
image STAGE *OPTIONS:
    docker buildx build --build-arg STAGE={{STAGE}} --file docker/Dockerfile --tag mllab-{{STAGE}} {{OPTIONS}} .

# The stages for Lambda, arm64: target/lambda/<stage>/bootstrap (needs `pip install cargo-lambda ziglang`)
build-lambda:
    cargo lambda build --profile dist --locked --disable-optimizations --target aarch64-unknown-linux-musl --lambda-dir target/lambda -p ingest -p features -p matching -p recommend -p drift --features ingest/lambda,features/lambda,matching/lambda,recommend/lambda,drift/lambda

# All of it on AWS, as infra/template.yaml and samconfig.toml say
deploy: build-lambda
    sam deploy

# One stage alone, with the event of its state; the answer is in out.json
invoke STAGE:
    aws lambda invoke --function-name mllab-{{STAGE}}:live --cli-read-timeout 900 --cli-binary-format raw-in-base64-out --payload file://events/{{STAGE}}.json out.json

# What a stage logs, as it comes
logs STAGE:
    aws logs tail /aws/lambda/mllab-{{STAGE}} --follow --format short

# Everything away from AWS again, but the buckets and what they hold
destroy:
    sam delete
