/**
 * What runs around a test file, in the sandbox and in Node. Each function is written into the program as text, so it refers to
 * nothing around it.
 */

/** What a file gave: how many of its tests passed, and those that did not. */
export interface Results {
  readonly passed: number;
  /** Names with what went wrong. */
  readonly failed: readonly (readonly [name: string, message: string])[];
}

interface HarnessTest {
  readonly name: string;
  readonly status: number;
  readonly message: string | null;
}

interface Globals {
  [name: string]: unknown;
  self?: unknown;
  addEventListener?: (type: string, listener: (event: Event) => void) => void;
  fetch?: (input: unknown, init?: unknown) => Promise<unknown>;
  add_completion_callback?: (done: (tests: HarnessTest[], status: HarnessTest) => void) => void;
  timeout?: () => void;
}

/** Before the harness: the globals that files expect of the place that they run in. */
export function before(search: string, files: Readonly<Record<string, string>>): void {
  const globals = globalThis as Globals;
  globals.self ??= globals;
  // An error that nothing handles is told to the harness. In the sandbox it ends the execution as well, unless it is cancelled.
  for (const type of ['error', 'unhandledrejection'])
    globals.addEventListener?.(type, (event) => event.preventDefault());
  globals.GLOBAL = { isWindow: () => false, isWorker: () => false, isShadowRealm: () => false };
  globals.location = {
    search,
    pathname: '/test.any.html',
    href: `https://web-platform.test/test.any.html${search}`,
    origin: 'https://web-platform.test',
  };
  const real = globals.fetch;
  // The data that a file loads comes with the program.
  globals.fetch = async (input, init) => {
    const text = typeof input === 'string' ? files[input] : undefined;
    if (text === undefined) return real?.(input, init);
    return { ok: true, status: 200, json: async () => JSON.parse(text), text: async () => text };
  };
}

/** After the harness: gives what the file's tests gave, at the latest after a time. */
export function results(milliseconds: number): Promise<Results> {
  const globals = globalThis as Globals;
  const { setTimeout, clearTimeout, Promise: ThePromise } = globalThis;
  return new ThePromise<Results>((resolve) => {
    const late = setTimeout(() => globals.timeout?.(), milliseconds);
    globals.add_completion_callback?.((tests, harness) => {
      clearTimeout(late);
      const names = ['passed', 'failed', 'timed out', 'did not run', 'precondition failed'];
      const failed: [string, string][] = [];
      let passed = 0;
      for (const { name, status, message } of tests) {
        if (status === 0) passed++;
        else failed.push([name, `${names[status]}: ${message ?? ''}`.slice(0, 300)]);
      }
      const [ERROR, TIMEOUT] = [1, 2];
      if (harness.status === ERROR || (harness.status === TIMEOUT && failed.length === 0))
        failed.push(['(the file)', `${harness.message ?? 'timed out'}`.slice(0, 300)]);
      resolve({ passed, failed });
    });
  });
}
