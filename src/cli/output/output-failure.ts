/** What has become of a program's standard output. */
export interface OutputFailure {
  /** Aborted once nothing that is written arrives any more. */
  readonly signal: AbortSignal;
  /** Why, where that is not its reader's wish: a full disk. */
  readonly error: NodeJS.ErrnoException | undefined;
}

let watched: OutputFailure | undefined;

/**
 * Watches standard output, of which there is one. Its reader may close it (`copepod run ... | head`) and its disk may be
 * full: neither ends the process, which has sandboxes to end first. What standard error says is dropped from then on.
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
