import { terminalText } from '../../../api/text.ts';
import type { Style } from '../../output/style.ts';
import type { LogLine } from './log-lines.ts';

export type LogFormat = 'text' | 'json';

export interface LogTextOptions {
  readonly format: LogFormat;
  readonly timestamps: boolean;
  readonly style: Style;
}

const LEVEL_WIDTH = 5;

/** A log line with a line feed, without control characters of its script. Pure. */
export function logText({ time, level, message }: LogLine, { format, timestamps, style }: LogTextOptions): string {
  if (format === 'json') return `${terminalJson({ time, level, message })}\n`;
  const { dim, red, yellow } = style;
  const colours = { debug: dim, info: (text: string) => text, warn: yellow, error: red };
  const prefix = timestamps ? `${dim(new Date(time).toISOString())} ` : '';
  const indent = ' '.repeat(LEVEL_WIDTH + 1);
  const text = terminalText(message, { multiline: true }).replaceAll('\n', `\n${indent}`);
  return `${prefix}${colours[level](level.padEnd(LEVEL_WIDTH))} ${text}\n`;
}

/** JSON in one line, with the characters escaped that a terminal would act on. */
const terminalJson = (value: object): string =>
  [...JSON.stringify(value)].map((char) => (terminalText(char) === char ? char : unicodeEscape(char))).join('');

const unicodeEscape = (char: string): string =>
  Array.from({ length: char.length }, (_, at) => `\\u${char.charCodeAt(at).toString(16).padStart(4, '0')}`).join('');
