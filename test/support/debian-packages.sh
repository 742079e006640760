#!/usr/bin/env bash
# Installs packages of Debian that tests need, where it is root and has apt-get; else says so and fails. A lock makes a second
# call wait for the first.
#
#   debian-packages.sh PACKAGE...
set -euo pipefail

are_there() { [ "$(dpkg-query --show --showformat='${db:Status-Status}\n' "$@" 2>/dev/null | grep -cx installed)" = $# ]; }

if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
  echo "Only root can install $*, with Debian's apt-get" >&2
  exit 1
fi
cache=${XDG_CACHE_HOME:-$HOME/.cache}/copepod
mkdir -p "$cache"
exec 9>"$cache/debian-packages.lock"
flock --timeout 280 9
if are_there "$@"; then exit 0; fi
echo "Installing Debian's $* (about half a minute)" >&2
export DEBIAN_FRONTEND=noninteractive
# The lists may be old, or not there. Both commands end within the time that tests wait, so that none outlives them.
timeout 100 apt-get -q -o DPkg::Lock::Timeout=90 update >&2
timeout 180 apt-get -q -o DPkg::Lock::Timeout=90 install --yes --no-install-recommends "$@" >&2
