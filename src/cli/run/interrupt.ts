import { EXIT } from '../exit-code.ts';

/** npm passes on a Ctrl-C that the terminal has sent us already: what follows so soon is the same one. */
const SAME_SIGNAL_MS = 250;

/** What ends a command early. */
export interface Interrupt {
  readonly signal: AbortSignal;
  /** Standard output has no reader any more. */
  readonly brokenPipe: boolean;
  /**
   * From now on the first Ctrl-C or SIGTERM aborts the signal, and the second exits: sandboxes do not outlive this
   * process. Until then a signal ends the process at once, whatever it is reading or parsing.
   */
  handleSignals(): void;
}

/** Makes an interrupt. A reader of standard output that goes away aborts it from the start. */
export function interruptible(): Interrupt {
  const controller = new AbortController();
  const state = {
    signal: controller.signal,
    brokenPipe: false,
    handleSignals: () => void process.on('SIGINT', onSignal).on('SIGTERM', onSignal),
  };
  let at = 0;
  const onSignal = () => {
    const now = performance.now();
    if (!controller.signal.aborted) {
      at = now;
      controller.abort();
    } else if (now - at > SAME_SIGNAL_MS) process.exit(EXIT.interrupted);
  };
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    state.brokenPipe = true;
    controller.abort();
  });
  process.stderr.on('error', () => {});
  return state;
}
