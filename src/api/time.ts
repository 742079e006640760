/** A time as the API writes it: RFC 3339 in UTC with microseconds, as Kubernetes' MicroTime wants it. */
export function formatTime(time: Date): string {
  return time.toISOString().replace(/\.(\d{3})Z$/, '.$1000Z');
}
