import { EXIT } from '../exit-code.ts';
import { findFiles } from '../input/find-files.ts';
import { loadWorkload, type Workload } from '../input/workload.ts';
import { jsonText } from '../output/list.ts';
import { count, problemsCount, problemsText, skippedText, unrenderedText, warningsText } from '../output/problems.ts';
import { terminalStyle } from '../output/style.ts';
import { interruptible } from '../run/interrupt.ts';
import { compileProblems } from './compile-problems.ts';
import { neverProblems } from './never-problems.ts';
import { refusals } from './refusals.ts';

export interface ValidateCommandOptions {
  readonly namespace: string;
  readonly output: 'text' | 'json';
}

/** `copepod validate`: reports everything that is wrong, and runs nothing. Returns the exit code. */
export async function validateCommand(names: readonly string[], options: ValidateCommandOptions): Promise<number> {
  const interrupt = interruptible();
  const { files, unrendered } = await findFiles(names);
  const workload = await loadWorkload(files, options.namespace, Date.now());
  const style = terminalStyle(options.output === 'json' ? process.stderr : process.stdout);
  const { signal } = interrupt;
  interrupt.handleSignals();
  const scripts = [...workload.tasks, ...workload.endpoints];
  const compiled = await compileProblems(scripts, signal, style.colours);
  if (signal.aborted) return EXIT.interrupted;

  const problems = [...workload.problems, ...refusals(scripts), ...neverProblems(workload.schedules), ...compiled];
  const order = new Map(files.map(({ path }, index) => [path === '-' ? 'stdin' : path, index]));
  problems.sort((a, b) => (order.get(a.file) ?? 0) - (order.get(b.file) ?? 0) || a.line - b.line);
  if (options.output === 'json') process.stdout.write(jsonText(reportOf(workload, problems)));
  else {
    process.stderr.write(unrenderedText(unrendered) + skippedText(workload.skipped));
    process.stdout.write(warningsText(workload.warnings, style) + problemsText(problems, style));
    process.stdout.write(`${problems.length > 0 ? problemsCount(problems) : `valid: ${summary(workload)}`}\n`);
  }
  return problems.length > 0 ? EXIT.usage : EXIT.ok;
}

function reportOf(workload: Workload, problems: Awaited<ReturnType<typeof compileProblems>>) {
  return {
    valid: problems.length === 0,
    files: workload.counts.files,
    problems: problems.map(({ frame: _, ...problem }) => problem),
    warnings: workload.warnings,
    skipped: workload.skipped.map(({ origin, apiVersion, kind, name }) => {
      return { file: origin.file, document: origin.document, apiVersion, kind, name };
    }),
  };
}

function summary({ counts, schedules, endpoints }: Workload): string {
  const { files, ScriptExecution, ...others } = counts;
  const objects = { ScriptExecution, ...others, ScriptSchedule: schedules.length, ScriptEndpoint: endpoints.length };
  const parts = Object.entries(objects).flatMap(([kind, number]) => (number > 0 ? [count(number, kind)] : []));
  return `${parts.length > 0 ? parts.join(', ') : 'nothing that copepod runs'} in ${count(files, 'file')}`;
}
