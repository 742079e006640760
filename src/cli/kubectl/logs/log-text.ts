import { terminalText } from '../../../api/text.ts';
import type { LogLine } from '../../../cluster/executions/log-lines.ts';
import { logLineText } from '../../output/log-line.ts';
import type { Style } from '../../output/style.ts';

export type LogFormat = 'text' | 'json';

export interface LogTextOptions {
  readonly format: LogFormat;
  readonly timestamps: boolean;
  readonly style: Style;
}

/** A log line with a line feed, without control characters of its script. Pure. */
export function logText({ time, level, message }: LogLine, { format, timestamps, style }: LogTextOptions): string {
  if (format === 'json') return `${terminalJson({ time, level, message })}\n`;
  const prefix = timestamps ? `${style.dim(new Date(time).toISOString())} ` : '';
  return prefix + logLineText({ level, message }, style);
}

/** JSON in one line, with the characters escaped that a terminal would act on. */
const terminalJson = (value: object): string =>
  [...JSON.stringify(value)].map((char) => (terminalText(char) === char ? char : unicodeEscape(char))).join('');

const unicodeEscape = (char: string): string =>
  Array.from({ length: char.length }, (_, at) => `\\u${char.charCodeAt(at).toString(16).padStart(4, '0')}`).join('');
