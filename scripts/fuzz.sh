#!/usr/bin/env bash
# Plays libFuzzer against every parser of foreign bytes (fuzz/targets.rs), and says how often each was run.
# Seconds for each: FUZZ_SECONDS (60). Several at once: FUZZ_JOBS (1). Some only: FUZZ_TARGETS="receipt tiles".
# What it finds of interest stays in target/fuzz/corpus; fuzz/corpus has the seeds alone and is not written to.
set -eu
cd "$(dirname "$0")/.."

seconds=${FUZZ_SECONDS:-60} jobs=${FUZZ_JOBS:-1}
targets=${FUZZ_TARGETS:-$(cd fuzz/fuzz_targets && ls | sed 's/\.rs$//')}
host=$(rustc -vV | sed -n 's/^host: //p')

# As cargo-fuzz does with `--sanitizer none`, and so on stable Rust: coverage is LLVM's own, libFuzzer is compiled by
# libfuzzer-sys. Only for that one target: build scripts and macros stay as they are.
flags="--cfg fuzzing -Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4"
flags="$flags -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table"
flags="$flags -Cllvm-args=-sanitizer-coverage-trace-compares"
CARGO_TARGET_DIR=$PWD/target/fuzz RUSTFLAGS="$flags" \
  ${CARGO:-cargo} build --locked --release --manifest-path fuzz/Cargo.toml --target "$host"

bin=$PWD/target/fuzz/$host/release
work=$PWD/target/fuzz
mkdir -p "$work/found"

one() {
  mkdir -p "$work/corpus/$1"
  # 64 KiB is more than any of these reads at once; a run of ten seconds is a finding, and so is a gigabyte.
  "$bin/$1" "$work/corpus/$1" "fuzz/corpus/$1" -max_total_time="$seconds" -max_len=65536 -timeout=10 \
    -rss_limit_mb=1024 -print_final_stats=1 -artifact_prefix="$work/found/$1-" >"$work/$1.log" 2>&1
}
export -f one
export bin work seconds
status=0
printf '%s\n' $targets | xargs -P "$jobs" -I{} bash -c 'one {} || true'

printf '\n%-16s %12s %8s %10s %8s\n' target executions seconds 'in corpus' seeds
for target in $targets; do
  log=$work/$target.log
  runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log" | tail -1)
  ran=$(sed -n 's/^Done .* in \([0-9]*\) second.*/\1/p' "$log" | tail -1)
  if [ -z "$ran" ]; then
    echo "$target: stopped, see ${log#"$PWD/"} and target/fuzz/found/$target-*"
    status=1
  else
    printf '%-16s %12s %8s %10s %8s\n' "$target" "$runs" "$ran" "$(ls "$work/corpus/$target" | wc -l)" \
      "$(ls "fuzz/corpus/$target" | wc -l)"
  fi
done
exit $status
