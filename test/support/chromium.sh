#!/usr/bin/env bash
# Prints the path of a Chromium: the one of CHROMIUM, of the PATH, or Debian's, which it installs where it is root.
set -euo pipefail

if [ -n "${CHROMIUM-}" ]; then
  [ -x "$CHROMIUM" ] || { echo "CHROMIUM is $CHROMIUM, which is no program: correct or unset it" >&2; exit 1; }
  echo "$CHROMIUM"
  exit 0
fi

find_one() {
  local name
  for name in chromium chromium-browser google-chrome-stable google-chrome; do command -v "$name" && return 0; done
  local mac="/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"
  if [ -x "$mac" ]; then echo "$mac"; return 0; fi
  return 1
}

find_one && exit 0
if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
  echo "Tests of pages need Chromium or Chrome: install it, or set CHROMIUM to its path" >&2
  exit 1
fi
"$(dirname "${BASH_SOURCE[0]}")/debian-packages.sh" chromium fonts-dejavu-core
find_one
