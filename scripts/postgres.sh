#!/bin/sh
# A PostgreSQL server of its own for tests: made in a folder, reachable on this machine alone, gone when it is no longer
# needed.
#   scripts/postgres.sh install      Debian's package (as root)
#   scripts/postgres.sh run FOLDER   makes FOLDER, starts the server, says "ready PORT" and serves until its
#                                    standard input ends; then stops that server and removes the folder
#   scripts/postgres.sh again FOLDER PORT   starts it once more, after it was killed
# Sockets lie in FOLDER and let any role in; over 127.0.0.1 a password is asked for. Never as root.
set -eu

fail() { echo "postgres.sh: $*" >&2; exit 3; }

bin() {
    for place in /usr/lib/postgresql/*/bin /usr/local/pgsql/bin; do
        [ -x "$place/initdb" ] && newest=$place
    done
    [ -n "${newest-}" ] || newest=$(dirname "$(command -v initdb || true)")
    [ -x "$newest/initdb" ] || fail "PostgreSQL is not installed (scripts/postgres.sh install)"
    echo "$newest"
}

# As somebody else where we are root: the server refuses to be root.
as_user() {
    if [ "$(id -u)" = 0 ]; then
        setpriv --reuid=postgres --regid=postgres --clear-groups -- "$@"
    else
        "$@"
    fi
}

# Its own session: what is typed at the terminal is not for it. Ready, or not there.
start() {
    as_user setsid "$bin/postgres" -D data -k "$folder" -p "$port" -c listen_addresses=127.0.0.1 \
        -c shared_buffers=64MB -c max_connections=200 -c log_min_messages=warning </dev/null >>server.log 2>&1 &
    for _ in $(seq 200); do
        "$bin/pg_isready" -q -h "$folder" -p "$port" -U postgres && return
        kill -0 $! 2>/dev/null || return 1
        sleep 0.1
    done
    return 1
}

# By the number the server gave itself: a killed one has another after its next start.
stop() {
    pid=$(head -n 1 data/postmaster.pid 2>/dev/null) || return 0
    kill -INT "$pid" 2>/dev/null || return 0
    for _ in $(seq 100); do
        kill -0 "$pid" 2>/dev/null || return 0
        sleep 0.1
    done
    kill -KILL "$pid" 2>/dev/null || true
}

run() {
    folder=$1 bin=$(bin)
    mkdir -m 0700 "$folder"
    folder=$(cd "$folder" && pwd -P)
    [ "$(id -u)" != 0 ] || chown postgres "$folder"
    cd "$folder"
    as_user "$bin/initdb" -D data -U postgres --auth-local=trust --auth-host=scram-sha-256 --encoding=UTF8 \
        --locale=C >init.log 2>&1 || { cat init.log >&2; fail "initdb failed"; }
    for _ in 1 2 3 4 5 6 7 8; do
        port=$(od -An -N2 -tu2 /dev/urandom)
        # Below those that the kernel hands out by itself.
        port=$((20000 + port % 12000))
        if start; then
            echo "ready $port"
            # Until whoever started this is gone, or has heard enough.
            cat >/dev/null
            stop
            cd /
            rm -rf -- "$folder"
            return
        fi
    done
    cat server.log >&2
    fail "the server did not start"
}

again() {
    folder=$1 port=$2 bin=$(bin)
    cd "$folder"
    # What the killed one has left running ends by itself, and is waited for.
    for _ in 1 2 3 4 5 6 7 8 9 10; do
        ! start || return 0
        sleep 0.3
    done
    cat server.log >&2
    fail "the server did not start"
}

case ${1-} in
    install) apt-get update -q && apt-get install -y -q --no-install-recommends postgresql ;;
    run) run "${2:?a folder that is not there yet}" ;;
    again) again "${2:?its folder}" "${3:?its port}" ;;
    *) sed -n '2,8s/^# \{0,1\}//p' "$0"; exit 2 ;;
esac
