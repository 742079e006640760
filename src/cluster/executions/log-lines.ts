import type { ExecutionLogLine } from '../../api/types.generated.ts';

/** A log line of a script, from its status or from the log of its pod. */
export type LogLine = ExecutionLogLine;

/**
 * The line of a pod's log as a line of one run, if it is that. The log of a pod is JSON, with the lines of all scripts;
 * other containers' output and lines that are cut are no lines of a run. Pure.
 *
 * @param run id of the run: `uid.run.attempt`
 */
export function parsePodLine(text: string, run: string): LogLine | 'end' | undefined {
  if (!text.startsWith('{') || !text.includes(run)) return undefined;
  let entry: Readonly<Record<string, unknown>>;
  try {
    entry = JSON.parse(text) as Readonly<Record<string, unknown>>;
  } catch {
    return undefined;
  }
  const { source, run: of, time, level, message } = entry;
  if (of !== run) return undefined;
  if (source === 'pod') return message === 'run finished' ? 'end' : undefined;
  if (source !== 'script' || typeof time !== 'string' || typeof message !== 'string' || !isLevel(level))
    return undefined;
  return { time, level, message };
}

const isLevel = (level: unknown): level is LogLine['level'] =>
  level === 'debug' || level === 'info' || level === 'warn' || level === 'error';

/** The lines that have been shown, so that none is shown twice: a pod's log has the lines that the status gets later. */
export class ShownLines {
  readonly #counts = new Map<string, number>();

  add(line: LogLine): void {
    const key = keyOf(line);
    this.#counts.set(key, (this.#counts.get(key) ?? 0) + 1);
  }

  /** Those of the lines that have not been shown; a line that a script has logged twice counts twice. */
  missing(lines: readonly LogLine[]): LogLine[] {
    const left = new Map(this.#counts);
    return lines.filter((line) => {
      const count = left.get(keyOf(line)) ?? 0;
      if (count > 0) left.set(keyOf(line), count - 1);
      return count === 0;
    });
  }
}

/** The status has times in microseconds, the pod's log in milliseconds. */
const keyOf = ({ time, level, message }: LogLine): string => `${Date.parse(time)} ${level} ${message}`;
