import { pino } from 'pino';
import { ApiError } from '../kube/api-error.ts';

export const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

type Fields = Readonly<Record<string, unknown>>;

/** The log of a process of ours: one JSON object per line. It never contains scripts, params, results or keys. */
export interface Log {
  write(level: LogLevel | 'fatal', message: string, fields?: Fields): void;
  /** Whether lines of level debug are written. */
  readonly writesDebug: boolean;
  /** Resolves when everything written so far has been output. */
  flush(): Promise<void>;
}

export function createLog(level: LogLevel): Log {
  const destination = pino.destination({ dest: 1, sync: false });
  const log = pino(
    {
      level,
      base: null,
      messageKey: 'message',
      timestamp: () => `,"time":"${new Date().toISOString()}"`,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { error: describeError },
    },
    destination,
  );
  return {
    writesDebug: level === 'debug',
    write: (as, message, fields = {}) => log[as](fields, message),
    flush: () => new Promise((resolve) => destination.flush(() => resolve())),
  };
}

/** Code and reason of a refusal; a stack only for a bug. */
function describeError(error: unknown): Fields {
  if (error instanceof ApiError) return { status: error.status, reason: error.reason, message: error.message };
  if (!(error instanceof Error)) return { message: String(error) };
  const { name, message, stack, cause } = error;
  const code = (error as NodeJS.ErrnoException).code;
  return {
    type: name,
    message,
    ...(code === undefined ? {} : { code }),
    ...(name === 'TransportError' ? {} : { stack }),
    ...(cause instanceof Error ? { cause: cause.message } : {}),
  };
}
