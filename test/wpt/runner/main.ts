/** `make wpt WPT=FOLDER`: runs files of web-platform-tests in sandboxes and in Node, and reports by areas. */
import { once } from 'node:events';
import type { Area } from './areas.ts';
import { DEVIATIONS } from './deviations.ts';
import { runInNode } from './in-node.ts';
import { InSandbox } from './in-sandbox.ts';
import { type Options, readOptions, USAGE } from './options.ts';
import { programOf } from './program.ts';
import { type AreaReport, failuresOf, tableOf, unexplained } from './report.ts';
import { type FileTally, tallyOf } from './tally.ts';
import { filesBelow, LONG_TIMEOUT_MS, readTestFile, type TestFile } from './test-file.ts';

async function runFile(
  { checkout, timeoutMultiplier }: Options,
  file: TestFile,
  sandbox: InSandbox,
): Promise<FileTally> {
  const timeoutMs = file.timeoutMs * timeoutMultiplier;
  const here = [];
  const there = [];
  for (const variant of file.variants) {
    const program = programOf(checkout, file, variant, timeoutMs);
    const [ours, theirs] = await Promise.all([sandbox.run(program), runInNode(program, timeoutMs)]);
    here.push(ours);
    there.push(theirs);
  }
  return tallyOf(here, there);
}

async function runArea(options: Options, { title, paths }: Area, sandbox: InSandbox): Promise<AreaReport> {
  const { checkout, only } = options;
  const files = [];
  const skipped = [];
  for (const path of paths.flatMap((each) => filesBelow(checkout, each))) {
    if (!path.includes(only)) continue;
    const file = readTestFile(checkout, path);
    if (file.skipped !== undefined) {
      skipped.push({ path, reason: file.skipped });
      continue;
    }
    const tally = await runFile(options, file, sandbox);
    process.stderr.write(`${path}: ${tally.passed} of ${tally.tried}, in Node ${tally.passedInNode}\n`);
    files.push({ path, tally });
  }
  return { title, files, skipped };
}

async function run(options: Options): Promise<void> {
  const sandbox = new InSandbox(LONG_TIMEOUT_MS * options.timeoutMultiplier);
  const interrupted = Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]).then(async () => {
    await sandbox.close();
    process.exit(130);
  });
  try {
    const reports = [];
    for (const area of options.areas) {
      const report = await Promise.race([runArea(options, area, sandbox), interrupted as Promise<never>]);
      printFailures(report, options.all);
      reports.push(report);
    }
    print(reports);
  } finally {
    await sandbox.close();
  }
}

function printFailures(report: AreaReport, all: boolean): void {
  const files = report.files.map(({ path, tally }) => ({
    path,
    tally: { ...tally, failures: tally.failures.filter(({ inNode }) => all || !inNode) },
  }));
  const failures = failuresOf({ ...report, files }, DEVIATIONS);
  if (failures !== '') process.stdout.write(`${report.title}: not passed in the sandbox\n${failures}\n`);
}

function print(reports: readonly AreaReport[]): void {
  const skipped = reports.flatMap((report) => report.skipped);
  for (const [reason, files] of Map.groupBy(skipped, (file) => file.reason))
    process.stdout.write(`left out, ${reason}: ${files.map(({ path }) => path).join(', ')}\n\n`);
  process.stdout.write(tableOf(reports));
  const count = unexplained(reports, DEVIATIONS);
  if (count > 0) {
    process.stdout.write(
      `\n${count} tests pass in Node and not in the sandbox, and runner/deviations.ts has no reason\n`,
    );
    process.exitCode = 1;
  }
}

try {
  const options = readOptions(process.argv.slice(2));
  if (options === undefined) process.stdout.write(USAGE);
  else await run(options);
} catch (error) {
  process.stderr.write(`wpt: ${(error as Error).message}\n  see --help\n`);
  process.exitCode = 2;
}
