/**
 * Calls back after some milliseconds unless disposed of before. What has arrived by then is read first: timers of a
 * blocked event loop fire before its sockets are read, and an answer may lie in one of them.
 */
export function deadline(milliseconds: number, onPassed: () => void): Disposable {
  let immediate: NodeJS.Immediate | undefined;
  const timer = setTimeout(() => {
    immediate = setImmediate(onPassed);
  }, milliseconds);
  return {
    [Symbol.dispose](): void {
      clearTimeout(timer);
      clearImmediate(immediate);
    },
  };
}
