#!/usr/bin/env bash
# One cron expression, three libraries: github.com/robfig/cron/v3 v3.0.1 (the CronJob controller's), croner 11.0.1 and cron-parser
# 5.10.6, on the days on which the clocks change.
#
# Expected: what a dashboard or a test in JavaScript computes for a CronJob's schedule and timeZone is when the CronJob starts; and
# within one library, `30 2 * * *` and `*/30 2 * * *` agree about half past two.
# What happens:
# 1. A time that the clocks skip: a CronJob does not start that day. croner starts at the new 03:00, cron-parser at 03:30.
# 2. The same with `*/30 2 * * *`: croner starts nothing, cron-parser twice.
# 3. A time that the clocks show twice: a CronJob starts twice. The two others start once, at the first.
# 4. The same with `*/30 2 * * *`: croner has both hours, the CronJob too, cron-parser the first alone.
# 5. Midnight where the clocks change at midnight: a daily CronJob leaves that day out; the two others do not.
# 6. `*/1` as the day of the month: to a CronJob it is `*`, and only Mondays remain; to the two others it is a restriction, which
#    Monday does not narrow, and every day matches.
# 7. `7` for Sunday: refused by ParseStandard, with which the API server validates a CronJob; accepted by the two others.
# A preview says a nightly job runs once, the cluster runs it twice or not at all.
#
# Output seen (UTC, the first three starts):
#   skipped, 30 2 * * *
#     robfig       03-29T00:30 03-30T00:30 03-31T00:30
#     croner       03-28T01:00 03-29T00:30 03-30T00:30
#     cron-parser  03-28T01:30 03-29T00:30 03-30T00:30
#   skipped, */30 2 * * *
#     robfig       03-29T00:00 03-29T00:30 03-30T00:00
#     croner       03-29T00:00 03-29T00:30 03-30T00:00
#     cron-parser  03-28T01:00 03-28T01:30 03-29T00:00
#   shown twice, 30 2 * * *
#     robfig       10-31T00:30 10-31T01:30 11-01T01:30
#     croner       10-31T00:30 11-01T01:30 11-02T01:30
#     cron-parser  10-31T00:30 11-01T01:30 11-02T01:30
#   shown twice, */30 2 * * *
#     robfig       10-31T00:00 10-31T00:30 10-31T01:00
#     croner       10-31T00:00 10-31T00:30 10-31T01:00
#     cron-parser  10-31T00:00 10-31T00:30 11-01T01:00
#   no midnight, 0 0 * * *
#     robfig       03-28T21:00 03-29T21:00 03-30T21:00
#     croner       03-27T22:00 03-28T21:00 03-29T21:00
#     cron-parser  03-27T22:00 03-28T21:00 03-29T21:00
#   every day or Mondays, 0 0 */1 * 1
#     robfig       12-07T00:00 12-14T00:00 12-21T00:00
#     croner       12-02T00:00 12-03T00:00 12-04T00:00
#     cron-parser  12-02T00:00 12-03T00:00 12-04T00:00
#   Sunday, 0 0 * * 7
#     robfig       refused
#     croner       12-06T00:00 12-13T00:00 12-20T00:00
#     cron-parser  12-06T00:00 12-13T00:00 12-20T00:00
# Exits with 1 if that changes (also where the time zone data of Node and Go come to differ). Needs Node 20 or later, npm, Go.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
directory=$(mktemp -d)
trap 'rm -rf "$directory"' EXIT
cd "$directory"
cat >package.json <<'JSON'
{ "private": true, "type": "module", "dependencies": { "croner": "11.0.1", "cron-parser": "5.10.6" } }
JSON
timeout -k 5 180 npm install --no-audit --no-fund --no-package-lock --loglevel=error >&2
cat >go.mod <<'MOD'
module finding

go 1.24

require github.com/robfig/cron/v3 v3.0.1
MOD
cat >main.go <<'GO'
package main

import (
	"fmt"
	"os"
	"time"
	_ "time/tzdata"

	"github.com/robfig/cron/v3"
)

// Prints the first three times of the expression in the zone after an instant, as the CronJob controller computes them.
func main() {
	schedule, err := cron.ParseStandard(fmt.Sprintf("TZ=%s %s", os.Args[2], os.Args[1]))
	if err != nil {
		fmt.Println("refused")
		return
	}
	at, err := time.Parse(time.RFC3339, os.Args[3])
	if err != nil {
		panic(err)
	}
	for range 3 {
		at = schedule.Next(at)
		fmt.Print(at.UTC().Format("01-02T15:04 "))
	}
}
GO
GOFLAGS=-mod=mod GOWORK=off timeout -k 5 300 go build -o robfig . 2> >(grep -v '^go: ' >&2)
cat >finding.js <<'JS'
import { execFileSync } from 'node:child_process';
import { Cron } from 'croner';
import { CronExpressionParser } from 'cron-parser';

const short = (dates) => dates.map((date) => date.toISOString().slice(5, 16)).join(' ');
const libraries = {
  robfig: (...asked) => execFileSync('./robfig', asked, { encoding: 'utf8', timeout: 10_000 }).trim(),
  croner: (expression, timezone, from) =>
    short(new Cron(expression, { timezone, paused: true }).nextRuns(3, new Date(from))),
  'cron-parser': (expression, tz, from) => {
    const times = CronExpressionParser.parse(expression, { tz, currentDate: new Date(from) });
    return short([1, 2, 3].map(() => times.next().toDate()));
  },
};
for (const [what, ...asked] of [
  ['skipped', '30 2 * * *', 'Europe/Berlin', '2027-03-27T12:00:00Z'],
  ['skipped', '*/30 2 * * *', 'Europe/Berlin', '2027-03-27T12:00:00Z'],
  ['shown twice', '30 2 * * *', 'Europe/Berlin', '2027-10-30T12:00:00Z'],
  ['shown twice', '*/30 2 * * *', 'Europe/Berlin', '2027-10-30T12:00:00Z'],
  ['no midnight', '0 0 * * *', 'Asia/Beirut', '2027-03-27T12:00:00Z'],
  ['every day or Mondays', '0 0 */1 * 1', 'UTC', '2026-12-01T00:00:00Z'],
  ['Sunday', '0 0 * * 7', 'UTC', '2026-12-01T00:00:00Z'],
]) {
  console.log(`${what}, ${asked[0]}`);
  for (const [name, times] of Object.entries(libraries)) console.log(`  ${name.padEnd(12)} ${times(...asked)}`);
}
JS
timeout -k 2 60 node finding.js | tee seen
# The expected output is the one in the header.
sed -n '/^# Output seen/,/^# Exits/{s/^#   //p}' "$here/cron-libraries.sh" | diff - seen
