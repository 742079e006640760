/** The state of the program's standard output. */
export interface OutputFailure {
  /** Aborted when a write to it has failed: no later one arrives. */
  readonly signal: AbortSignal;
  /** Why it failed, such as a full disk; undefined where its reader has closed it. */
  readonly error: NodeJS.ErrnoException | undefined;
}

let watched: OutputFailure | undefined;

/**
 * Watches standard output, of which there is one. Its reader may close it (`copepod run ... | head`) and its disk may be
 * full: neither ends the process, which has sandboxes to end first. Failed writes to standard error are ignored.
 */
export function outputFailure(): OutputFailure {
  if (watched !== undefined) return watched;
  const controller = new AbortController();
  const state: { signal: AbortSignal; error: NodeJS.ErrnoException | undefined } = {
    signal: controller.signal,
    error: undefined,
  };
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') state.error ??= error;
    controller.abort();
  });
  process.stderr.on('error', () => {});
  watched = state;
  return state;
}
