#!/usr/bin/env bash
# chart.sh REPOSITORY VERSION DIGEST DIRECTORY: packages the chart with this image as its default, as
# DIRECTORY/copepod-chart-VERSION.tgz. Needs Helm (HELM=PATH).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

repository=$1 version=$2 digest=$3 directory=$4
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp -r charts/copepod "$work/copepod"
values=$work/copepod/values.yaml
sed -i -e "s|^  repository: localhost/copepod\$|  repository: $repository|" -e "s|^  tag: dev\$|  tag: \"$version\"|" \
  -e "s|^  digest: \"\"\$|  digest: $digest|" "$values"
for line in "repository: $repository" "tag: \"$version\"" "digest: $digest"; do
  grep -qxF "  $line" "$values" || { echo "charts/copepod/values.yaml has no default to replace: $line" >&2; exit 1; }
done
"${HELM:-helm}" package "$work/copepod" --version "$version" --app-version "$version" --destination "$work" >&2
mkdir -p "$directory"
mv "$work/copepod-$version.tgz" "$directory/copepod-chart-$version.tgz"
