#!/usr/bin/env bash
# check-version.sh TAG: fails unless package, chart and changelog have the version of the tag (v1.2.3); prints it.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

version=${1#v}
fail() { echo "$*" >&2; exit 1; }
package=$(sed -n 's/^  "version": "\(.*\)",$/\1/p' package.json)
chart=$(sed -n 's/^version: //p' charts/copepod/Chart.yaml)
app=$(sed -n 's/^appVersion: "\{0,1\}\([^"]*\)"\{0,1\}$/\1/p' charts/copepod/Chart.yaml)
[ "$1" = "v$version" ] || fail "$1 is no tag of a version: v1.2.3"
[ "$package" = "$version" ] || fail "package.json has version $package, the tag $version"
[ "$chart" = "$version" ] || fail "charts/copepod has version $chart, the tag $version"
[ "$app" = "$version" ] || fail "charts/copepod has appVersion $app, the tag $version"
grep -q "^## \[\{0,1\}${version//./\\.}\b" CHANGELOG.md || fail "CHANGELOG.md has no section $version"
echo "$version"
