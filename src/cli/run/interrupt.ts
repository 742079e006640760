import { EXIT } from '../exit-code.ts';

/** npm passes on a Ctrl-C that the terminal has sent us already: what follows so soon is the same one. */
const SAME_SIGNAL_MS = 250;

/** What ends a command early. */
export interface Interrupt {
  readonly signal: AbortSignal;
  /** Nobody reads standard output any more. */
  readonly brokenPipe: boolean;
}

/**
 * Turns the first Ctrl-C or SIGTERM into an aborted signal, and the second into an exit: sandboxes do not outlive this
 * process. So does a reader of standard output that goes away, without a word.
 */
export function interruptible(): Interrupt {
  const controller = new AbortController();
  const state = { signal: controller.signal, brokenPipe: false };
  let at = 0;
  const onSignal = () => {
    const now = performance.now();
    if (!controller.signal.aborted) {
      at = now;
      controller.abort();
    } else if (now - at > SAME_SIGNAL_MS) process.exit(EXIT.interrupted);
  };
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal);
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    state.brokenPipe = true;
    controller.abort();
  });
  process.stderr.on('error', () => {});
  return state;
}
