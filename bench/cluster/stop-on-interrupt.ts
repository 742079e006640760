/** A signal that is aborted on the first Ctrl-C or SIGTERM; the second ends the process at once. */
export function stopOnInterrupt(): AbortSignal {
  const stop = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    process.on(name, () => {
      if (stop.signal.aborted) process.exit(130);
      process.stderr.write('\ncleaning up (press again to exit without clean-up)\n');
      stop.abort(new Error('interrupted'));
    });
  }
  return stop.signal;
}
