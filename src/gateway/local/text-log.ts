import { terminalText } from '../../api/text.ts';
import type { Log } from '../../cluster/log.ts';

/** A log for people: one line of text each. Paths are a client's, messages of failures a script's: neither reaches the terminal raw. */
export function textLog(stream: NodeJS.WritableStream): Log {
  return {
    writesDebug: false,
    write: (level, message, fields = {}) => {
      const prefix = level === 'info' ? '' : `${level}: `;
      stream.write(`copepod: ${prefix}${message === 'request' ? requestText(fields) : messageText(message, fields)}\n`);
    },
    flush: async () => {},
  };
}

/** `POST default/default 200 Completed 12 ms`. */
function requestText({
  method,
  path,
  namespace,
  runtime,
  endpoint,
  code,
  reason,
  durationMs,
  failure,
}: Readonly<Record<string, unknown>>): string {
  const what = runtime === undefined || endpoint !== undefined ? path : `${namespace}/${runtime}`;
  const why = failure === undefined ? '' : `: ${failure}`;
  return terminalText(`${method} ${what} ${code} ${reason ?? ''} ${Math.round(Number(durationMs))} ms${why}`);
}

function messageText(message: string, { error, ...fields }: Readonly<Record<string, unknown>>): string {
  const shown = Object.entries(fields).filter(([, value]) => typeof value === 'number' || typeof value === 'string');
  const cause = error instanceof Error ? `: ${error.stack}` : '';
  const line = `${message}${shown.map(([name, value]) => ` ${name}=${value}`).join('')}`;
  return terminalText(line) + terminalText(cause, { multiline: true });
}
