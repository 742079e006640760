import { styleText } from 'node:util';

type Format = Parameters<typeof styleText>[0];

/** Colours for a stream: none if it is not a terminal or NO_COLOR is set. */
export function terminalStyle(stream: NodeJS.WriteStream) {
  const style = (format: Format) => (text: string) => styleText(format, text, { stream, validateStream: true });
  return {
    /** Whether colours are enabled. */
    colours: style('red')('x') !== 'x',
    bold: style('bold'),
    dim: style('dim'),
    red: style('red'),
    green: style('green'),
    yellow: style('yellow'),
    cyan: style('cyan'),
  };
}

export type Style = ReturnType<typeof terminalStyle>;
