/** Formats a time for the API: RFC 3339 in UTC with microseconds, as Kubernetes' MicroTime. */
export function formatTime(time: Date): string {
  return `${time.toISOString().slice(0, -1)}000Z`;
}
