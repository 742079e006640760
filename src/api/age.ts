/** An age as kubectl shows it: `42s`, `3m`, `2h`, `5d`; undefined for one that is no number. Pure. @param ms milliseconds */
export function formatAge(ms: number): string | undefined {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  if (!Number.isFinite(seconds)) return undefined;
  if (seconds < 120) return `${seconds}s`;
  if (seconds < 7200) return `${Math.floor(seconds / 60)}m`;
  return seconds < 172_800 ? `${Math.floor(seconds / 3600)}h` : `${Math.floor(seconds / 86_400)}d`;
}
