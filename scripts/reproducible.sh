#!/usr/bin/env bash
# Builds both programs twice, in two folders of different names, and compares: whoever has the sources can find out whether an
# authority runs what they say. The browsers' scripts are compared by `make scripts`.
#   scripts/reproducible.sh             builds the last commit twice
#   scripts/reproducible.sh HASHFILE    builds it once and compares with what somebody else wrote down (sha256sum's form)
set -eu
cd "$(dirname "$0")/.."
work=$(mktemp -d "${TMPDIR:-/tmp}/mifeng-reproducible.XXXXXX")
trap 'rm -rf "$work"' EXIT

# No path of this machine goes into the programs, nor into what a C compiler makes for them.
build() {
  local folder=$1 cargo_home=${CARGO_HOME:-$HOME/.cargo}
  git archive HEAD | tar -x -C "$folder"
  (
    cd "$folder"
    export CARGO_INCREMENTAL=0 SOURCE_DATE_EPOCH=0
    export RUSTFLAGS="--remap-path-prefix=$folder=/mifeng --remap-path-prefix=$cargo_home=/cargo"
    export CFLAGS="-ffile-prefix-map=$folder=/mifeng -ffile-prefix-map=$cargo_home=/cargo"
    cargo build --quiet --release --locked --bin mifeng
    sha256sum target/release/mifeng
    cargo build --quiet --release --locked --features open --bin mifeng-office
    sha256sum target/release/mifeng-office
  )
}

mkdir "$work/a"
build "$work/a" | tee "$work/first"
rm -rf "$work/a"
if [ $# -gt 0 ]; then
  diff "$1" "$work/first"
else
  mkdir "$work/a-folder-of-another-length"
  build "$work/a-folder-of-another-length" > "$work/second"
  diff "$work/first" "$work/second"
fi
echo "the same, byte for byte"
