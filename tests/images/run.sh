#!/usr/bin/env bash
# The stages as they are shipped, proved without Docker, a daemon or a registry: static binaries for both processors,
# the final stage of docker/Dockerfile around each, built and run by buildah; and the archives for Lambda.
#
#   bash tests/images/run.sh
#
# Needs x86-64 and root (buildah's chroot isolation), Rust, Python 3 and the package registries; installs the rest from Debian.
# MLLAB names an `mllab` to make sample data with, where one is built already.
set -euo pipefail
cd "$(dirname "$0")/../.."
export CARGO_TERM_COLOR=never CARGO_INCREMENTAL=0
[ "$(id -u)" = 0 ] || { echo "tests/images/run.sh needs root: buildah's chroot isolation" >&2; exit 1; }

here=$PWD/tests/images
stages=(ingest features matching recommend drift)
target_dir=$(realpath -m "${CARGO_TARGET_DIR:-target}")
context=$target_dir/images/context
lambda=$target_dir/images/lambda
# What a registry keeps and a host pulls of an image.
most_bytes=$((25 * 1000 * 1000))
user=65532
native=$(dpkg --print-architecture)
bundle=etc/ssl/certs/ca-certificates.crt
work=$(mktemp -d)
step() { printf '\n-- images: %s (%s s)\n' "$1" "$SECONDS"; }
fail() { echo "images: $1" >&2; exit 1; }
finish() {
  [ -z "${server:-}" ] || kill "$server" 2>/dev/null || true
  # Layers of vfs are plain folders; what a container mounts lies outside them.
  buildah_ umount --all >/dev/null 2>&1 || true
  rm -rf "$work"
}
trap finish EXIT

packages=(--features "$(printf '%s/lambda,' "${stages[@]}")")
for stage in "${stages[@]}"; do packages+=(--package "$stage"); done

triple() { case $1 in amd64) echo x86_64-unknown-linux-musl ;; arm64) echo aarch64-unknown-linux-musl ;; esac; }
buildah_() { buildah --root "$work/storage" --runroot "$work/run" --storage-driver vfs "$@"; }

tools() {
  step "tools"
  local wanted=()
  command -v buildah >/dev/null || wanted+=(buildah)
  command -v qemu-aarch64-static >/dev/null || wanted+=(qemu-user-static)
  command -v openssl >/dev/null || wanted+=(openssl)
  command -v readelf >/dev/null || wanted+=(binutils)
  [ -f "/$bundle" ] || wanted+=(ca-certificates)
  if [ ${#wanted[@]} -gt 0 ]; then
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${wanted[@]}" >/dev/null
  fi
  local venv=$target_dir/images
  [ -x "$venv/bin/python" ] || python3 -m venv "$venv"
  "$venv/bin/pip" install -q -r docker/requirements.txt -r tests/images/requirements.txt \
    -r tests/aws/requirements.txt
  PATH=$venv/bin:$PATH
  buildah --version
  rustup target add "$(triple amd64)" "$(triple arm64)" 2>/dev/null
  hadolint docker/Dockerfile
}

# What .dockerignore leaves of the tree: compiled from here, a file that it wrongly leaves out is missed.
make_context() {
  local container
  printf 'FROM scratch\nCOPY . /\n' >"$work/context.Dockerfile"
  buildah_ build --quiet --isolation chroot --layers=false --file "$work/context.Dockerfile" --tag context . >/dev/null
  container=$(buildah_ from --quiet context)
  rm -rf "$context"
  cp -a "$(buildah_ mount "$container")" "$context"
  buildah_ rm "$container" >/dev/null
}

# For amd64 the command of docker/Dockerfile, for all stages at once; for arm64 that of `just build-lambda`, whose archives
# then hold the very binaries that are run below. cargo-lambda compiles as cargo-zigbuild does, for Lambda's processor.
# Its own "optimizations" would abort on a panic; ours unwinds, to stop a stage in time and to name its error.
build() {
  step "static binaries for $1"
  local stage binary command=(zigbuild)
  [ "$1" = amd64 ] || command=(lambda build --disable-optimizations --output-format zip --lambda-dir "$lambda")
  (cd "$context" && CARGO_TARGET_DIR=$target_dir cargo "${command[@]}" --quiet --profile dist --locked \
    --target "$(triple "$1")" "${packages[@]}")
  for stage in "${stages[@]}"; do
    binary=$target_dir/$(triple "$1")/dist/$stage
    ! readelf --program-headers "$binary" | grep -q INTERP || fail "$binary asks for a dynamic loader"
    printf '%-10s %-6s binary %5s kB\n' "$stage" "$1" $(($(stat -c %s "$binary") / 1000))
  done
}

# Image `mllab-STAGE:ARCH`: the final stage of docker/Dockerfile, where the files of its build stage are ours.
image() {
  local stage=$1 arch=$2 root=$work/$1-$2/rootfs
  install -D -m 0755 "$target_dir/$(triple "$arch")/dist/$stage" "$root/stage"
  install -D -m 0644 "/$bundle" "$root/$bundle"
  install -d -m 1777 "$root/tmp"
  buildah_ build --quiet --isolation chroot --layers=false --platform "linux/$arch" --build-arg "STAGE=$stage" \
    --build-arg "TARGETARCH=$arch" --build-context "build=$work/$stage-$arch" --file docker/Dockerfile \
    --tag "mllab-$stage:$arch" . >/dev/null
}

of_image() { buildah_ inspect --type image --format "$2" "$1"; }

check_image() {
  local image=mllab-$1:$2 container root bytes pulled
  [ "$(of_image "$image" '{{.OCIv1.Architecture}}')" = "$2" ] || fail "$image is for another processor"
  [ "$(of_image "$image" '{{.OCIv1.Config.User}}')" = $user:$user ] || fail "$image: its user is not $user"
  [ "$(of_image "$image" '{{.OCIv1.Config.Entrypoint}}')" = '[/stage]' ] || fail "$image starts something else"
  container=$(buildah_ from --quiet --platform "linux/$2" "$image")
  root=$(buildah_ mount "$container")
  [ "$(stat -c %a "$root/tmp")" = 1777 ] || fail "$image: /tmp is not for everyone to write"
  [ "$(grep -c 'BEGIN CERTIFICATE' "$root/$bundle")" -gt 50 ] || fail "$image has no CA bundle at /$bundle"
  [ "$(find "$root" -type f | wc -l)" = 2 ] || fail "$image holds more than a binary and a bundle: $(find "$root")"
  bytes=$(du --bytes --summarize "$root" | cut -f 1)
  pulled=$(tar --create --directory "$root" . | gzip | wc --bytes)
  buildah_ rm "$container" >/dev/null
  printf '%-10s %-6s image  %5s kB, %5s kB as a registry has it\n' "$1" "$2" $((bytes / 1000)) $((pulled / 1000))
  [ "$pulled" -le $most_bytes ] || fail "$image has $pulled bytes, expected at most $most_bytes"
}

# run_image STAGE ARCH [option of buildah run]... -- ARGUMENT...
run_image() {
  local stage=$1 arch=$2 options=() emulator=() container code=0
  shift 2
  while [ "$1" != -- ]; do options+=("$1"); shift; done
  shift
  if [ "$arch" = arm64 ] && [ "$native" != arm64 ]; then
    options+=(--volume "$(command -v qemu-aarch64-static):/qemu:ro")
    emulator=(/qemu)
  fi
  container=$(buildah_ from --quiet --platform "linux/$arch" "mllab-$stage:$arch")
  # A new process group: what buildah runs in a chroot stays in no terminal's foreground.
  buildah_ run --isolation chroot "${options[@]}" "$container" -- "${emulator[@]}" /stage "$@" || code=$?
  buildah_ rm "$container" >/dev/null
  return "$code"
}

# The same, with what it prints in $work/printed. buildah 1.28 now and then loses what a process prints that ends at once
# (once in 60 runs of --help on a busy machine), so nothing printed is not an answer yet: all that is run so may run again.
run_printing() {
  local _
  for _ in 1 2 3; do
    run_image "$@" >"$work/printed" || fail "$1 on $2 ended with exit code $?: $(cat "$work/printed")"
    [ ! -s "$work/printed" ] || return 0
  done
  fail "$1 on $2 prints nothing"
}

# The first line that a stage prints: the version that it made.
make_version() {
  run_printing "$@"
  head -n 1 "$work/printed"
}

sample() {
  step "sample data"
  local mllab=${MLLAB:-$target_dir/release/mllab}
  [ -x "$mllab" ] || cargo build --quiet --release --locked --package mllab --target-dir "$target_dir"
  "$mllab" sample --quiet --out "$work/raw" --candidates 800 --jobs 150 --applications 1200
  rm -f "$work/raw/truth.csv"
  chmod 755 "$work" "$work/raw"
}

# Ingest with its lake in the image's own /tmp; then the day, stage by stage, over one mounted lake.
runs() {
  step "running on $1"
  local stage lake=$work/lake-$1 mounts
  for stage in "${stages[@]}"; do
    run_printing "$stage" "$1" -- --help
    grep -q "Stage \`$stage\` alone" "$work/printed" || fail "$stage on $1 gives no help: $(cat "$work/printed")"
  done
  make_version ingest "$1" --volume "$work/raw:/raw:ro" -- --quiet --lake /tmp/lake --input raw=/raw --date 2026-11-24
  install -d -o $user -g $user "$lake"
  mounts=(--volume "$work/raw:/raw:ro" --volume "$lake:/lake")
  make_version ingest "$1" "${mounts[@]}" -- --quiet --lake /lake --input raw=/raw --date 2026-11-24
  for stage in features matching recommend drift; do
    make_version "$stage" "$1" "${mounts[@]}" -- --quiet --lake /lake --date 2026-11-24
  done
  [ -z "$(find "$lake" ! -user $user)" ] || fail "not all was written by user $user: $(find "$lake" ! -user $user)"
}

# The tables are the same on both processors, to the byte; of models that is promised for one kernel only.
same_bytes() {
  step "amd64 and arm64 wrote the same tables"
  local one two tables=(decision-data-lake/processed/v1 decision-data-lake-features/features/v1)
  one=$(cd "$work/lake-amd64" && find "${tables[@]}" -name '*.parquet' -exec sha256sum {} + | sort)
  two=$(cd "$work/lake-arm64" && find "${tables[@]}" -name '*.parquet' -exec sha256sum {} + | sort)
  [ -n "$one" ] && [ "$one" = "$two" ] || fail "the processors differ: $(diff <(echo "$one") <(echo "$two"))"
  echo "$one"
}

# A server's certificate, and a bundle that holds the CA which signed it.
certificates() {
  (
    cd "$work"
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj "/CN=CA of a test" \
      -keyout ca.key -out ca.pem -addext "basicConstraints=critical,CA:TRUE" -addext "keyUsage=critical,keyCertSign"
    openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN=127.0.0.1" -keyout server.key -out server.csr
    printf 'subjectAltName=IP:127.0.0.1\nextendedKeyUsage=serverAuth\n' >server.ext
    openssl x509 -req -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -extfile server.ext -out server.pem
    cat "/$bundle" ca.pem >bundle.pem
    chmod 644 bundle.pem
  ) 2>/dev/null
}

# S3 by moto, over TLS alone. With the server's CA in the image's bundle a stage runs as a job of Batch, and the next as
# a function of Lambda; with the bundle as shipped, which does not know that CA, the same call is refused: so it is this
# file that is read, and it is believed.
over_tls() {
  step "S3 over TLS, as a job of Batch and as a function of Lambda"
  local port arch options api answer refused code=0
  certificates
  exec 4< <(exec python "$here/s3_over_tls.py" --cert "$work/server.pem" --key "$work/server.key" --ca "$work/ca.pem" \
    --raw "$work/raw" 2>"$work/server.log")
  server=$!
  read -r port <&4 || { cat "$work/server.log"; fail "no S3 server"; }
  on_s3 "$native" "$port"
  # Beside the others: it takes a minute until the store has tried often enough.
  run_image ingest "$native" "${options[@]}" -- --event "$(cat events/ingest.json)" >"$work/refused" 2>"$work/refused.log" &
  refused=$!
  for arch in amd64 arm64; do
    on_s3 "$arch" "$port"
    options+=(--volume "$work/bundle.pem:/$bundle:ro")
    run_image ingest "$arch" "${options[@]}" -- --event "$(cat events/ingest.json)" 2>"$work/job.log" ||
      fail "ingest on $arch over TLS ended with exit code $?: $(cat "$work/job.log")"
    exec 5< <(exec python "$here/call_once.py" --event events/features.json)
    read -r api <&5
    options+=(
      --env "AWS_LAMBDA_RUNTIME_API=127.0.0.1:$api" --env AWS_LAMBDA_FUNCTION_NAME=mllab-features
      --env AWS_LAMBDA_FUNCTION_MEMORY_SIZE=3008 --env AWS_LAMBDA_FUNCTION_VERSION=1
      --env AWS_LAMBDA_LOG_GROUP_NAME=none --env AWS_LAMBDA_LOG_STREAM_NAME=none
    )
    # It ends by itself: its second poll finds nobody.
    run_image features "$arch" "${options[@]}" -- >"$work/function.log" 2>&1 || true
    answer=$(cat <&5)
    [[ $answer == 'response {'*'"version":"v1"'* ]] || fail "features gave no version: $answer $(cat "$work/function.log")"
    echo "features on $arch: ${answer:0:60}…"
  done
  wait "$refused" || code=$?
  [ "$code" = 74 ] || fail "a server whose CA nobody knows: expected exit code 74, found $code: $(cat "$work/refused.log")"
  grep -q UnknownIssuer "$work/refused.log" || fail "not refused for its certificate: $(cat "$work/refused.log")"
  echo "with the bundle as shipped: refused, its issuer is not known"
  kill "$server"
  server=
}

# The options with which a container of processor $1 has its lake on the S3 at port $2.
on_s3() {
  options=(
    --env "AWS_ENDPOINT_URL=https://127.0.0.1:$2" --env AWS_REGION=us-east-1
    --env AWS_ACCESS_KEY_ID=test --env AWS_SECRET_ACCESS_KEY=test
    --env "MLLAB_DATA_URI=s3://lake-$1/" --env "MLLAB_FEATURES_URI=s3://lake-$1-features/" --env RUST_LOG=warn
  )
}

archives() {
  step "archives for Lambda"
  local stage archive
  for stage in "${stages[@]}"; do
    archive=$lambda/$stage/bootstrap.zip
    python -m zipfile --extract "$archive" "$work/archive-$stage"
    cmp "$work/archive-$stage/bootstrap" "$target_dir/$(triple arm64)/dist/$stage"
    printf '%-10s arm64  zip    %5s kB\n' "$stage" $(($(stat -c %s "$archive") / 1000))
  done
}

tools
make_context
build amd64
build arm64
step "no encoder where none is needed"
for stage in ingest features matching drift; do
  ! cargo tree --locked --package "$stage" --features lambda --edges normal --prefix none | grep candle ||
    fail "$stage carries candle"
done
sample
step "images"
for arch in amd64 arm64; do
  for stage in "${stages[@]}"; do
    image "$stage" "$arch"
    check_image "$stage" "$arch"
  done
done
runs amd64
runs arm64
same_bytes
over_tls
archives
step "cold start"
python "$here/cold_start.py" "$target_dir/$(triple "$native")/dist/ingest"
step "done"
