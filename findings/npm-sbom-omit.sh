#!/usr/bin/env bash
# npm 11.19.1: `npm sbom --omit=dev` leaves out a dependency of the product that a development dependency has too.
#
# Expected: the bill of materials has what `npm ls --omit=dev` and `npm install --omit=dev` have: what the product runs on.
# What happens: the packages of one that is only for development are left out wherever else they are needed. Here lru-cache is in
# `dependencies`, path-scurry in `devDependencies`, and path-scurry needs lru-cache: the bill is empty.
# A scanner that reads the bill reports no vulnerability of such a package.
#
# Output seen:
#   npm ls --omit=dev: lru-cache@11.5.3
#   node_modules after npm install --omit=dev: lru-cache
#   npm sbom --omit=dev: nothing
#   npm sbom --omit=dev, without path-scurry: lru-cache@11.5.3
# Exits with 1 if that changes. Needs npm.
set -euo pipefail
directory=$(mktemp -d)
trap 'rm -rf "$directory"' EXIT
cd "$directory"
npm() { timeout -k 2 120 npx --yes npm@11.19.1 "$@" 2>/dev/null; }
npx --yes npm@11.19.1 --version >/dev/null

components() {
  npm sbom --sbom-format cyclonedx --omit=dev |
    node -e 'const { components } = JSON.parse(require("fs").readFileSync(0, "utf8"));
      console.log(components.map((each) => each["bom-ref"]).join(" ") || "nothing")'
}
package() { echo "{\"name\":\"product\",\"version\":\"1.0.0\",\"dependencies\":{\"lru-cache\":\"11.5.3\"}$1}" >package.json; }

package ',"devDependencies":{"path-scurry":"2.0.0"}'
npm install --omit=dev --no-audit --no-fund >/dev/null
installed=$(cd node_modules && echo *)
npm install --no-audit --no-fund >/dev/null
{
  echo "npm ls --omit=dev: $(npm ls --omit=dev --json | node -e 'const { dependencies } = JSON.parse(require("fs").readFileSync(0, "utf8"));
    console.log(Object.entries(dependencies).map(([name, { version }]) => `${name}@${version}`).join(" "))')"
  echo "node_modules after npm install --omit=dev: $installed"
  echo "npm sbom --omit=dev: $(components)"
  package ''
  npm install --no-audit --no-fund >/dev/null
  echo "npm sbom --omit=dev, without path-scurry: $(components)"
} | tee seen

diff seen - <<'SEEN'
npm ls --omit=dev: lru-cache@11.5.3
node_modules after npm install --omit=dev: lru-cache
npm sbom --omit=dev: nothing
npm sbom --omit=dev, without path-scurry: lru-cache@11.5.3
SEEN
