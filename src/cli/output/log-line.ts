import { terminalText } from '../../api/text.ts';
import type { ExecutionLogLine } from '../../api/types.generated.ts';
import type { Style } from './style.ts';

const LEVEL_WIDTH = 5;

/**
 * Level and message of a log line, without control characters of its script.
 * @param indent spaces before the level, and before each further line of the message
 */
export function logLineText(
  { level, message }: Pick<ExecutionLogLine, 'level' | 'message'>,
  style: Style,
  indent = 0,
): string {
  const { dim, red, yellow } = style;
  const colours = { debug: dim, info: (text: string) => text, warn: yellow, error: red };
  const further = `\n${' '.repeat(indent + LEVEL_WIDTH + 1)}`;
  const text = terminalText(message, { multiline: true }).replaceAll('\n', further);
  return `${' '.repeat(indent)}${colours[level](level.padEnd(LEVEL_WIDTH))} ${text}\n`;
}
