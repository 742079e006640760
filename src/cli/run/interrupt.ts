import { EXIT } from '../exit-code.ts';

/** npm forwards a Ctrl-C that the terminal has also sent: a second signal within this time is the same one. */
const SAME_SIGNAL_MS = 250;

/** A request to end a command early. */
export interface Interrupt {
  readonly signal: AbortSignal;
  /** The reader of standard output has closed it. */
  readonly brokenPipe: boolean;
  /**
   * From now on the first Ctrl-C or SIGTERM aborts the signal, and the second exits: sandboxes do not outlive this
   * process. Before this call a signal terminates the process at once.
   */
  handleSignals(): void;
}

/** Creates an interrupt. It is also aborted when the reader of standard output closes it. */
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
