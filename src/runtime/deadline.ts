/**
 * Calls back after some milliseconds unless disposed before. Pending input is read first: after the event loop was
 * blocked, timers fire before sockets are read, and one of them may contain the answer.
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
