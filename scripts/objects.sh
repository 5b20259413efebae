#!/bin/sh
# An S3-speaking server of its own for tests: it checks signatures and keeps objects as files; on this machine alone, gone when
# it is no longer needed.
#   scripts/objects.sh install            s3s-fs, built once into target/tools
#   scripts/objects.sh run FOLDER         makes FOLDER with the bucket "files", starts the server, says "ready PORT PID" and
#                                         serves until its standard input ends; then stops that server and removes the folder
#   scripts/objects.sh again FOLDER PORT  starts it once more, after it was killed; says "ready PORT PID"
# Its keys stand here, for they open nothing: the id "mifeng", the secret "not-a-secret".
set -eu

version=0.14.1
here=$(cd "$(dirname "$0")/.." && pwd -P)
tools=${CARGO_TARGET_DIR:-$here/target}/tools
server=$tools/bin/s3s-fs

fail() { echo "objects.sh: $*" >&2; exit 3; }

# Ready, or not there.
start() {
    "$server" --host 127.0.0.1 --port "$port" --access-key mifeng --secret-key not-a-secret "$folder/root" \
        </dev/null >>"$folder/server.log" 2>&1 &
    pid=$!
    for _ in $(seq 100); do
        kill -0 $pid 2>/dev/null || return 1
        # Whoever signs nothing is refused, which says that it is there.
        ! curl -s -o /dev/null "http://127.0.0.1:$port/files" || return 0
        sleep 0.05
    done
    return 1
}

run() {
    folder=$1
    [ -x "$server" ] || fail "s3s-fs is not installed (scripts/objects.sh install)"
    mkdir -m 0700 "$folder"
    folder=$(cd "$folder" && pwd -P)
    mkdir -p "$folder/root/files"
    for _ in 1 2 3 4 5 6 7 8; do
        port=$(od -An -N2 -tu2 /dev/urandom)
        # Below those that the kernel hands out by itself.
        port=$((20000 + port % 12000))
        if start; then
            echo "$pid" >"$folder/pid"
            echo "ready $port $pid"
            # Until whoever started this is gone, or has heard enough.
            cat >/dev/null
            kill "$(cat "$folder/pid")" 2>/dev/null || true
            cd /
            rm -rf -- "$folder"
            return
        fi
    done
    cat "$folder/server.log" >&2
    fail "the server did not start"
}

again() {
    folder=$1 port=$2
    start || { cat "$folder/server.log" >&2; fail "the server did not start"; }
    echo "$pid" >"$folder/pid"
    echo "ready $port $pid"
}

case ${1-} in
    install) [ -x "$server" ] || CARGO_PROFILE_DEV_DEBUG=0 cargo install --quiet --locked --debug --root "$tools" --features binary --version "=$version" s3s-fs ;;
    run) run "${2:?a folder that is not there yet}" ;;
    again) again "${2:?its folder}" "${3:?its port}" ;;
    *) sed -n '2,9s/^# \{0,1\}//p' "$0"; exit 2 ;;
esac
