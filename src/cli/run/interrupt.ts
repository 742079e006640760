import { EXIT } from '../exit-code.ts';
import { outputFailure } from '../output/output-failure.ts';

/** npm forwards a Ctrl-C that the terminal has also sent: a second signal within this time is the same one. */
const SAME_SIGNAL_MS = 250;

/** A request to end a command early. */
export interface Interrupt {
  readonly signal: AbortSignal;
  /**
   * From now on the first Ctrl-C or SIGTERM aborts the signal, and the second exits: sandboxes do not outlive this
   * process. Before this call a signal terminates the process at once.
   */
  handleSignals(): void;
}

/** Creates an interrupt. It is also aborted when standard output fails, or its reader closes it. */
export function interruptible(): Interrupt {
  const controller = new AbortController();
  let at = 0;
  const onSignal = () => {
    const now = performance.now();
    if (!controller.signal.aborted) {
      at = now;
      controller.abort();
    } else if (now - at > SAME_SIGNAL_MS) process.exit(EXIT.interrupted);
  };
  return {
    signal: AbortSignal.any([controller.signal, outputFailure().signal]),
    handleSignals: () => void process.on('SIGINT', onSignal).on('SIGTERM', onSignal),
  };
}
