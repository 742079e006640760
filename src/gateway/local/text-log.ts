import type { Log } from '../../cluster/log.ts';

/** A log for people: one line of text each. */
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
  return `${method} ${what} ${code} ${reason ?? ''} ${Math.round(Number(durationMs))} ms${why}`;
}

function messageText(message: string, { error, ...fields }: Readonly<Record<string, unknown>>): string {
  const shown = Object.entries(fields).filter(([, value]) => typeof value === 'number' || typeof value === 'string');
  const cause = error instanceof Error ? `: ${error.stack}` : '';
  return `${message}${shown.map(([name, value]) => ` ${name}=${value}`).join('')}${cause}`;
}
