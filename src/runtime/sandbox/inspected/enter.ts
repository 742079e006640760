import { copyOfThrown } from './thrown.ts';

/** Node runs what is due after each callback of its event loop, which this process never comes back to. */
const { _tickCallback: runMicrotasks } = process as unknown as { _tickCallback(): void };

let depth = 0;
/** What promises have been rejected with that nothing handles. */
const rejections: unknown[] = [];

process.on('unhandledRejection', (reason) => rejections.push(reason));

/**
 * Runs code of a context and, at the outermost call, its microtasks.
 * @throws a copy of what the code throws, or of the first rejection that nothing has handled by then; within another call the thing itself
 */
export function enter<T>(run: () => T): T {
  if (depth > 0) return run();
  depth++;
  try {
    const ended = attempt(run);
    runMicrotasks();
    const [rejected] = rejections.splice(0).map((thrown) => ({ thrown }));
    const failure = 'thrown' in ended ? ended : rejected;
    if (failure !== undefined) throw copyOfThrown(failure.thrown);
    return (ended as { readonly result: T }).result;
  } finally {
    depth--;
  }
}

function attempt<T>(run: () => T): { readonly result: T } | { readonly thrown: unknown } {
  try {
    return { result: run() };
  } catch (thrown) {
    return { thrown };
  }
}
