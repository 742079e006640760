/**
 * Asks, but after a failure not again for a while: it gives the failure instead.
 * @param restMs how long
 */
export function askedSeldom<T>(ask: () => Promise<T>, restMs: number, now: () => number): () => Promise<T> {
  let failed: { readonly error: unknown; readonly until: number } | undefined;
  return async () => {
    if (failed !== undefined && now() < failed.until) throw failed.error;
    try {
      const answer = await ask();
      failed = undefined;
      return answer;
    } catch (error) {
      failed = { error, until: now() + restMs };
      throw error;
    }
  };
}
