#!/usr/bin/env bash
# Installs what `make test` needs beyond Rust, make and a C compiler. Needs root only for what is missing.
set -eu

declare -A package_of=(
  [chromium]=chromium
  [node]=nodejs
  [npm]=npm
  [age]=age
  [exiftool]=libimage-exiftool-perl
  [ffmpeg]=ffmpeg
  [pdftoppm]=poppler-utils
)
missing=()
for command in "${!package_of[@]}"; do
  command -v "$command" >/dev/null || missing+=("${package_of[$command]}")
done
ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || command -v initdb >/dev/null || missing+=(postgresql)
command -v curl >/dev/null || missing+=(curl)
python3 -c 'import ensurepip, venv' 2>/dev/null || missing+=(python3-venv)
ls /usr/share/fonts/opentype/noto/NotoSansCJK*.ttc >/dev/null 2>&1 || missing+=(fonts-noto-cjk)

if [ ${#missing[@]} -gt 0 ]; then
  echo "make test needs: ${missing[*]}"
  if [ "$(id -u)" -ne 0 ]; then
    echo "Install them, for example: sudo apt-get install ${missing[*]}" >&2
    exit 1
  fi
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
fi
if ! node -e 'process.exit(parseInt(process.versions.node) >= 20 ? 0 : 1)'; then
  echo "make test needs Node 20 or later; this is $(node --version) (see https://nodejs.org)" >&2
  exit 1
fi
"$(dirname "$0")/objects.sh" install
for component in rustfmt clippy; do
  cargo "${component/rust/}" --version >/dev/null 2>&1 || rustup component add "$component"
done
