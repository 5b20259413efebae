#!/usr/bin/env bash
# Builds every Rust test with the opening code and runs the test programs three at a time: most of what each does is waiting.
# What a program says is shown when it fails; else one line. MIFENG_TEST_JOBS: how many at a time (3).
set -eu
cd "$(dirname "$0")/.."

told=target/test-programs
mkdir -p "$told"
rm -f "$told"/*
${CARGO:-cargo} test --locked --features open --no-run --message-format=json >"$told/built"
# As cargo runs them: from here, and told where here is. The longest first.
grep '"reason":"compiler-artifact"' "$told/built" | grep -E '"profile":[{][^}]*"test":true' | sed -n 's/.*"executable":"\([^"]*\)".*/\1/p' >"$told/all"
long='/(model|console|database|store_conformance|evidence|rehearsal|torture|keys_story)-[0-9a-f]+$'
{ grep -E "$long" "$told/all"; grep -vE "$long" "$told/all"; } >"$told/order"
[ "$(wc -l <"$told/order")" -ge 10 ]

one() {
  local name begun=$SECONDS
  name=$(basename "$1" | sed 's/-[0-9a-f]*$//')
  if "$1" >"$told/$(basename "$1").log" 2>&1; then
    printf '%-24s %s, %d s\n' "$name" "$(sed -n 's/^test result: ok. \(.* passed\);.*/\1/p' "$told/$(basename "$1").log")" $((SECONDS - begun))
  else
    printf '%s FAILED:\n' "$name"
    cat "$told/$(basename "$1").log"
    return 1
  fi
}
export -f one
export told CARGO_MANIFEST_DIR=$PWD
xargs -P "${MIFENG_TEST_JOBS:-3}" -I{} bash -c 'one {}' <"$told/order"
