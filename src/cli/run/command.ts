import { availableParallelism } from 'node:os';
import { succeededCondition } from '../../api/conditions.ts';
import { UsageError } from '../../api/usage-error.ts';
import type { ContainedProcesses } from '../../runtime/contained-processes.ts';
import { EXIT } from '../exit-code.ts';
import { type FoundFiles, findFiles } from '../input/find-files.ts';
import { loadWorkload, type Task } from '../input/workload.ts';
import { isInspected } from '../inspect/inspect-options.ts';
import { outputFailure } from '../output/output-failure.ts';
import { problemsCount, problemsText, skippedText, unrenderedText, warningsText } from '../output/problems.ts';
import { terminalStyle } from '../output/style.ts';
import { envProblems } from './env-problems.ts';
import { type Interrupt, interruptible } from './interrupt.ts';
import { readOverrides } from './option-values.ts';
import { withOverrides } from './overrides.ts';
import { ListReport, type Report, TableReport } from './report.ts';
import type { RunCommandOptions } from './run-options.ts';

const MAX_DEFAULT_CONCURRENCY = 4;

/**
 * `copepod run`: reads and checks everything, then runs it. Returns the exit code.
 * @param processes what has begun to start sandboxes
 */
export async function runCommand(
  names: readonly string[],
  options: RunCommandOptions,
  processes: ContainedProcesses,
): Promise<number> {
  if (options.watch && names.includes('-')) {
    throw new UsageError('--watch cannot watch standard input', 'name a file or a directory');
  }
  if (options.watch && isInspected(options)) {
    throw new UsageError('--inspect runs a script once, and --watch again and again', 'leave out one of them');
  }
  const interrupt = interruptible();
  if (options.watch) interrupt.handleSignals();
  const found = await findFiles(names);
  if (!options.watch) return await runOnce(found, options, interrupt, processes);
  const { watchAndRun } = await import('./watch.ts');
  let processesOfFirstRun: ContainedProcesses | undefined = processes;
  return await watchAndRun(names, options, interrupt, async (signal, onImport) => {
    const first = processesOfFirstRun;
    processesOfFirstRun = undefined;
    return await runOnce(await findFiles(names), options, { ...interrupt, signal }, first, onImport);
  });
}

/** @param onImport called with the path of each file on disk that a script imports */
async function runOnce(
  found: FoundFiles,
  options: RunCommandOptions,
  interrupt: Interrupt,
  processes: ContainedProcesses | undefined,
  onImport?: (path: string) => void,
): Promise<number> {
  const tasks = await prepare(found, options, onImport);
  if (tasks === undefined) return EXIT.usage;
  const setup =
    options.hostFunctions === undefined
      ? undefined
      : await (await import('../input/host-setup.ts')).hostSetup(options.hostFunctions);
  const inspection = isInspected(options)
    ? await (await import('../inspect/inspection.ts')).inspectionOf(options, tasks, (text) =>
        process.stderr.write(text),
      )
    : undefined;
  const concurrency = options.concurrency ?? Math.min(MAX_DEFAULT_CONCURRENCY, availableParallelism());
  const { runAll } = await import('./run-all.ts');
  const report = reportOf(options.output, tasks);
  if (!options.watch) interrupt.handleSignals();
  const finished = await runAll(tasks, {
    concurrency,
    setup,
    processes,
    inspection,
    signal: interrupt.signal,
    onFinished: (each) => report.finished(each),
  });
  if (!outputFailure().signal.aborted) await report.end(finished);
  if (interrupt.signal.aborted) return EXIT.interrupted;
  const succeeded = finished.every(({ execution }) => succeededCondition(execution.status)?.status === 'True');
  return succeeded ? EXIT.ok : EXIT.failed;
}

/** Everything that can be wrong is found here, before anything runs. Undefined where something is, and has been said. */
async function prepare(
  { files, unrendered }: FoundFiles,
  options: RunCommandOptions,
  onImport: ((path: string) => void) | undefined,
): Promise<readonly Task[] | undefined> {
  const [workload, { overrides, problems: inOptions, warnings }] = await Promise.all([
    loadWorkload(files, options.namespace, options.at ?? Date.now(), onImport),
    readOverrides(options),
  ]);
  const style = terminalStyle(process.stderr);
  process.stderr.write(
    unrenderedText(unrendered) +
      skippedText(workload.skipped) +
      warningsText([...workload.warnings, ...warnings], style),
  );
  const problems = [...workload.problems, ...inOptions];
  const tasks = problems.length > 0 ? workload.tasks : workload.tasks.map((task) => withOverrides(task, overrides));
  problems.push(...workload.runtimes.flatMap((runtime) => envProblems(runtime, tasks)));
  if (problems.length > 0) {
    process.stderr.write(problemsText(problems, style));
    process.stderr.write(`copepod: ${problemsCount(problems)}: nothing has run\n`);
    return undefined;
  }
  if (tasks.length === 0) {
    const hint = workload.endpoints.length > 0 ? "'copepod gateway --local FILE...' serves ScriptEndpoints" : undefined;
    throw new UsageError('nothing to run: no ScriptExecution and no ScriptSchedule in the files given', hint);
  }
  return tasks;
}

function reportOf(format: RunCommandOptions['output'], tasks: readonly Task[]): Report {
  return format === 'table' ? new TableReport(tasks) : new ListReport(format);
}
