import { parseDuration } from '../../api/duration.ts';
import { parseBytes } from '../../api/quantity.ts';
import { EXIT } from '../exit-code.ts';
import { outputFailure } from '../output/output-failure.ts';
import { terminalStyle } from '../output/style.ts';
import { interruptible } from '../run/interrupt.ts';
import { checkLimits } from '../run/option-values.ts';
import { findTests } from './find-tests.ts';
import { type Reporter, TableReporter, TapReporter } from './reporters.ts';
import { runFile, type TestResult } from './run-file.ts';

export interface TestCommandOptions {
  readonly output: 'table' | 'tap';
  readonly hostFunctions?: string;
  readonly timeout?: string;
  readonly memory?: string;
}

/** `copepod test`: runs files of tests inside the sandbox. Returns the exit code. */
export async function testCommand(names: readonly string[], options: TestCommandOptions): Promise<number> {
  const interrupt = interruptible();
  const files = await findTests(names);
  const setup =
    options.hostFunctions === undefined
      ? undefined
      : await (await import('../input/host-setup.ts')).hostSetup(options.hostFunctions);
  const limits = limitsOf(options);
  const { Runtime } = await import('../../runtime/runtime.ts');
  interrupt.handleSignals();
  await using runtime = new Runtime({ pool: { size: 1, lazy: true, spares: 0 }, limits });
  const reporter: Reporter =
    options.output === 'tap' ? new TapReporter() : new TableReporter(terminalStyle(process.stdout));
  const started = performance.now();
  const results: TestResult[] = [];
  const onResult = (result: TestResult) => {
    results.push(result);
    process.stdout.write(reporter.result(result));
  };
  for (const file of files) {
    if (interrupt.signal.aborted) break;
    await runFile(file, { runtime, setup, signal: interrupt.signal, onResult });
  }
  if (!outputFailure().signal.aborted) process.stdout.write(reporter.end(results, performance.now() - started));
  if (interrupt.signal.aborted) return EXIT.interrupted;
  return results.some(({ status }) => status === 'failed') ? EXIT.failed : EXIT.ok;
}

function limitsOf({ timeout, memory }: TestCommandOptions): { timeoutMs?: number; memoryBytes?: number } {
  const given = { ...(timeout === undefined ? {} : { timeout }), ...(memory === undefined ? {} : { memory }) };
  checkLimits(given);
  return {
    ...(timeout === undefined ? {} : { timeoutMs: parseDuration(timeout) }),
    ...(memory === undefined ? {} : { memoryBytes: parseBytes(memory) }),
  };
}
