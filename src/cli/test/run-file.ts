import { basename, dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { MAX_PROGRAM_BYTES } from '../../api/limits.ts';
import { UsageError } from '../../api/usage-error.ts';
import type { ContextInput } from '../../runtime/context.ts';
import type { Setup } from '../../runtime/host-functions-file.ts';
import type { Runtime } from '../../runtime/runtime.ts';
import type { ScriptError } from '../../runtime/script-error.ts';
import type { ExecutionOutcome, LogLine } from '../../runtime/types.ts';
import { AuthorPlaces } from '../bundle/author-places.ts';
import { type Bundle, bundle } from '../bundle/bundle.ts';
import { failureOf, type TestFailure } from './test-failure.ts';

/** How a test ended. */
export interface TestResult {
  readonly file: string;
  readonly name: string;
  readonly status: 'passed' | 'failed' | 'skipped';
  readonly durationMs: number;
  readonly logs: readonly LogLine[];
  readonly failure?: TestFailure;
}

/** A test as its file declares it. */
interface Listed {
  readonly name: string;
  readonly mode: 'run' | 'skip' | 'only';
  readonly params?: never;
  readonly context?: ContextInput;
  readonly env?: Readonly<Record<string, string>>;
}

export interface RunFileOptions {
  readonly runtime: Runtime;
  readonly setup: Setup | undefined;
  readonly signal: AbortSignal;
  /** Told of each test as it ends. */
  onResult(result: TestResult): void;
}

const HARNESS = fileURLToPath(new URL('../sandbox/test.js', import.meta.url));

/**
 * Runs the tests of a file, each as an execution of its own: what one leaves behind, none sees, and one that loops ends at
 * its time-out like any script.
 *
 * @throws UsageError where the file cannot be bundled
 */
export async function runFile(file: string, options: RunFileOptions): Promise<void> {
  const { runtime, setup, signal, onResult } = options;
  const { code, map } = await bundleTests(file);
  const places = new AuthorPlaces(map);
  const sources = sourcesOf(map);
  const run = (index: number, test: Partial<Listed> = {}): Promise<ExecutionOutcome> => {
    const source = code.replace(firstLine(-1), firstLine(index));
    const { params, context, env = {} } = test;
    return runtime.execute(
      { source, name: `${basename(file)}.js`, language: 'JavaScript' },
      {
        signal,
        ...(params === undefined ? {} : { params }),
        ...(context === undefined ? {} : { context }),
        env: Object.entries(env).map(([name, value]) => ({ name, value: String(value) })),
        ...(setup === undefined ? {} : { setup }),
      },
    );
  };
  const failed = (name: string, outcome: ExecutionOutcome, error: ScriptError): TestResult => ({
    file,
    name,
    status: 'failed',
    durationMs: outcome.usage.wallMilliseconds,
    logs: outcome.logs,
    failure: failureOf(error, places, sources),
  });

  const listing = await run(-1);
  if (listing.error !== undefined) {
    onResult(failed('(the file)', listing, listing.error));
    return;
  }
  const tests = (listing.result ?? []) as unknown as readonly Listed[];
  if (tests.length === 0) throw new UsageError(`${file}: holds no tests`, "write one: test('adds', () => { … })");
  const isOnly = tests.some(({ mode }) => mode === 'only');
  for (const [index, test] of tests.entries()) {
    if (signal.aborted) return;
    const { name, mode } = test;
    if (mode === 'skip' || (isOnly && mode !== 'only')) {
      onResult({ file, name, status: 'skipped', durationMs: 0, logs: [] });
      continue;
    }
    const outcome = await run(index, test);
    if (outcome.reason === 'Cancelled') return;
    const { usage, logs, error } = outcome;
    if (error !== undefined) onResult(failed(name, outcome, error));
    else onResult({ file, name, status: 'passed', durationMs: usage.wallMilliseconds, logs });
  }
}

/** The tests of a file, what they import, and `copepod/test`, as one script. */
async function bundleTests(file: string): Promise<Bundle> {
  const text = `import './${basename(file)}';\nimport { main } from 'copepod/test';\nexport default () => main(COPEPOD_TEST);\n`;
  const options = { alias: { 'copepod/test': HARNESS }, banner: firstLine(-1), sourcesContent: true };
  const entry = { directory: dirname(resolve(file)), text };
  const readable = await bundle(entry, options);
  if (Buffer.byteLength(readable.code) <= MAX_PROGRAM_BYTES) return readable;
  return await bundle(entry, { ...options, minify: true });
}

/** The line in front of the bundle that says which test to run: it changes no place behind it. */
const firstLine = (index: number): string => `const COPEPOD_TEST = ${index};`;

function sourcesOf(map: string): ReadonlyMap<string, string> {
  const { sources, sourcesContent = [] } = JSON.parse(map) as { sources: string[]; sourcesContent?: string[] };
  return new Map(sources.map((source, index) => [source, sourcesContent[index] ?? '']));
}
