#!/usr/bin/env bash
# Plays schemathesis against the interface for other programs: whatever is sent, an answer as described, and no failure.
# Seconds: MIFENG_FUZZ_SECONDS (30). Leaves nothing but the tool, in target/schemathesis.
set -eu
cd "$(dirname "$0")/.."

root=$PWD
tool=target/schemathesis
[ -x $tool/bin/st ] || { python3 -m venv $tool && $tool/bin/pip install --quiet --disable-pip-version-check 'schemathesis==4.32.5'; }

work=$(mktemp -d "$root/target/fuzz-api.XXXXXX")
export MIFENG_DEMO_DIR="$work/demo" MIFENG_PORTAL=127.0.0.1:18980 MIFENG_CONSOLE=127.0.0.1:18981 MIFENG_OFFICE=127.0.0.1:18982
target/debug/mifeng demo >"$work/log" 2>&1 &
server=$!
trap 'kill $server 2>/dev/null; wait $server 2>/dev/null; cd "$root" && rm -rf "$work"' EXIT

api=http://$MIFENG_PORTAL/api/v1
for _ in $(seq 120); do
  curl --silent --fail --output /dev/null "$api/service" && break
  kill -0 $server 2>/dev/null || { cat "$work/log"; exit 1; }
  sleep 1
done
# A visit, so that more than the door is tried; it ends when the tool leaves it.
token=$(curl --silent --dump-header - --output /dev/null --header 'content-type: application/json' --data '{"agreed":true}' \
  "$api/drafts" | tr -d '\r' | awk 'tolower($1) == "visit-token:" { print $2 }')
[ ${#token} -eq 64 ]

# That a visit has ended, or has no receipt yet, is said before what else is wrong.
cat >"$work/schemathesis.toml" <<'TOML'
[checks]
negative_data_rejection.expected-statuses = [400, 401, 403, 404, 405, 406, 409, 410, 415, 422, 428, 429, "5xx"]
TOML

# Left out: that what fits the description is taken. Tokens, regions and seals cannot be made up.
cd "$work"
"$root/$tool/bin/st" run "$root/assets/openapi.json" --url "$api" --header "Authorization: Bearer $token" \
  --phases examples,coverage,fuzzing --max-examples 25 --max-time "${MIFENG_FUZZ_SECONDS:-30}" --seed 1 \
  --exclude-checks positive_data_acceptance --warnings off --continue-on-failure --no-color
curl --silent --fail --output /dev/null "$api/service"

# The same for other systems of the authority, on the console: one administrator makes a token and another confirms it, as at the page.
cd "$root"
staff=http://$MIFENG_CONSOLE/en
form() { curl --silent --cookie "$work/jar-$1" --cookie-jar "$work/jar-$1" "${@:2}"; }
once() { form "$1" "$staff/systems" | sed -n 's/.*name="once" value="\([^"]*\)".*/\1/p' | head -n 1; }
for login in admin admin2; do
  password=$(python3 -c 'import json, sys; print(next(one["password"] for one in json.load(open(sys.argv[1]))["accounts"] if one["login"] == sys.argv[2]))' "$MIFENG_DEMO_DIR/demo.json" $login)
  form $login --output /dev/null --data name=$login --data-urlencode "password=$password" --data "code=$(target/debug/mifeng demo code $login)" "$staff/sign-in"
done
token=$(form admin --data-urlencode "once=$(once admin)" --data name=schemathesis --data scopes=cases:read --data scopes=figures:read --data scopes=log:read \
  --data "until=$(date -d '+30 days' +%F)" "$staff/systems" | sed -n 's/.*<code>\(mifeng_[^<]*\)<.*/\1/p')
[ ${#token} -eq 50 ]
form admin2 --output /dev/null --data-urlencode "once=$(once admin2)" "$staff/systems/1/confirm"
curl --silent --fail --output /dev/null --header "Authorization: Bearer $token" "http://$MIFENG_CONSOLE/api/v1/cases"
cd "$work"
# Without a token it is slowed down like a log-in: 429 where those two checks know 401 alone.
"$root/$tool/bin/st" run "$root/assets/openapi-authorities.json" --url "http://$MIFENG_CONSOLE/api/v1" --header "Authorization: Bearer $token" \
  --phases examples,coverage,fuzzing --max-examples 25 --max-time "${MIFENG_FUZZ_SECONDS:-30}" --seed 1 \
  --exclude-checks positive_data_acceptance,ignored_auth,missing_required_header --warnings off --continue-on-failure --no-color
curl --silent --fail --output /dev/null "http://$MIFENG_CONSOLE/api/v1/openapi.json"
