const EVERY_MS = 10_000;

/** The promise itself; while it takes longer than ten seconds, `tell` is called every ten. */
export async function toldWhileWaiting<T>(promise: Promise<T>, tell: () => void): Promise<T> {
  const timer = setInterval(tell, EVERY_MS);
  try {
    return await promise;
  } finally {
    clearInterval(timer);
  }
}
