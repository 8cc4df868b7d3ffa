# `just` lists the recipes; each is a plain command that works without just too.

# The stack on AWS and where it is: `STACK=other AWS_REGION=us-east-1 just deploy my-lake`
stack := env("STACK", "mllab")
region := env("AWS_REGION", "sa-east-1")
# Batch on Fargate is arm64.
platform := "linux/arm64"

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

# What each binary is made of, as CycloneDX: target/sbom/*.json
sbom:
    command -v cargo-cyclonedx >/dev/null || cargo install cargo-cyclonedx --locked
    cargo cyclonedx --format json --describe binaries --quiet
    mkdir -p target/sbom && find crates tests -name '*.cdx.json' -exec mv {} target/sbom/ \;

# Beside the Python system, on a full set (needs Python 3.11; some 10 minutes)
bench:
    bash benches/peer/run.sh

# The stages as they are shipped: static binaries, images, archives for Lambda (needs root and Debian; some 15 minutes)
images:
    bash tests/images/run.sh

# A stage's image, by Docker: `just image matching --load`, or `--platform linux/arm64,linux/amd64 --push --tag REPOSITORY:TAG`
image STAGE *OPTIONS:
    docker buildx build --build-arg STAGE={{STAGE}} --file docker/Dockerfile --tag mllab-{{STAGE}} {{OPTIONS}} .

# The stages for Lambda, arm64: target/lambda/<stage>/bootstrap (infra/README.md says what it needs)
build-lambda:
    cargo lambda build --profile dist --locked --disable-optimizations --target aarch64-unknown-linux-musl --lambda-dir target/lambda -p ingest -p features -p matching -p recommend -p drift --features ingest/lambda,features/lambda,matching/lambda,recommend/lambda,drift/lambda

# All of it on AWS: `just deploy my-lake`, `just deploy my-lake AlertEmail=me@example.com`. What is not given stays as it was
[positional-arguments]
deploy LAKE *PARAMETERS: build-lambda
    sam deploy --stack-name {{stack}} --region {{region}} --s3-prefix {{stack}} --parameter-overrides LakeName="$@"

# The same, and the image of matching for Batch, of the same code and under a tag that was never used
[positional-arguments]
deploy-image LAKE TAG *PARAMETERS: (push-image TAG)
    #!/usr/bin/env bash
    set -euo pipefail
    {{quote(just_executable())}} stack={{stack}} region={{region}} deploy "$1" "ImageTag=$2" "${@:3}"

# That image alone into the stack's repository; for BatchPlatform=EC2 `just platform=linux/amd64 push-image TAG`
push-image TAG:
    #!/usr/bin/env bash
    set -euo pipefail
    repository=$({{quote(just_executable())}} stack={{stack}} region={{region}} output MatchingRepositoryUri)
    aws ecr get-login-password --region {{region}} | docker login --username AWS --password-stdin "${repository%%/*}"
    docker buildx build --build-arg STAGE=matching --platform {{platform}} --provenance=false --file docker/Dockerfile --tag "$repository:{{TAG}}" --push .

# One of the stack's outputs: StateMachineArn, DataBucketName, FeaturesBucketName, TopicArn, MatchingRepositoryUri, DashboardUrl
output NAME:
    @aws cloudformation describe-stacks --region {{region}} --stack-name {{stack}} --query "Stacks[0].Outputs[?OutputKey=='{{NAME}}'].OutputValue" --output text

# One stage alone, with the event of its state, or `just invoke matching matching-verify`; the answer is in out.json
invoke STAGE EVENT=STAGE:
    aws lambda invoke --region {{region}} --function-name {{stack}}-{{STAGE}}:live --cli-read-timeout 900 --cli-binary-format raw-in-base64-out --payload file://events/{{EVENT}}.json out.json
    cat out.json

# What a stage logs, as it comes
logs STAGE:
    aws logs tail /aws/lambda/{{stack}}-{{STAGE}} --region {{region}} --follow --format short

# The stack away from AWS again, with its logs and images; both buckets stay with all that they hold (infra/README.md: what else)
destroy:
    sam delete --stack-name {{stack}} --region {{region}}

# What CodeDeploy installs on hosts of one's own, in target/revision: for hosts of this machine's processor and C library
revision:
    cargo build --release --locked -p mllab --features aws
    rm -rf target/revision
    mkdir -p target
    cp -r infra/codedeploy target/revision
    cp "${CARGO_TARGET_DIR:-target}/release/mllab" target/revision/

# One reader of foreign bytes under libFuzzer, as long as a night may be: `just fuzz redact 28800`. Needs nightly Rust
# (`rustup toolchain install nightly`) and `cargo install cargo-fuzz`. What fails joins fuzz/corpus/TARGET with its mend;
# the targets are in tests/readers, where `cargo test` tries each over that corpus.
fuzz TARGET SECONDS="600":
    mkdir -p target/fuzz/corpus/{{TARGET}} target/fuzz/artifacts
    cargo +nightly fuzz run --target-dir target/fuzz {{TARGET}} target/fuzz/corpus/{{TARGET}} fuzz/corpus/{{TARGET}} -- -max_total_time={{SECONDS}} -timeout=5 -rss_limit_mb=2048 -malloc_limit_mb=1024 -artifact_prefix=target/fuzz/artifacts/

# A year of days of full size, then every breakage: the tables of docs/reliability.md
year law="operations" size="full":
    cargo build --release
    benches/year.sh {{law}} {{size}}

# Kills, full disks, stopped processes, operators at once, clocks that step: each night, twenty times what CI plays (needs faketime, and root for the disks; some forty minutes)
chaos rounds="20" seed="1":
    cargo build --release
    MLLAB_E2E_BIN="${CARGO_TARGET_DIR:-target}/release" MLLAB_CHAOS_ROUNDS={{rounds}} MLLAB_CHAOS_SEED={{seed}} cargo test --workspace --test e2e -- --ignored chaos:: --nocapture
