import type { Inspector, Port } from './port.ts';
import { cut, SafeString } from './primordials.ts';

const MAX_LINE = 8192;

/** Where a script has changed the built-ins so that the inspector does not load. */
const NO_INSPECTOR: Inspector = {
  format: () => '[objects cannot be shown]',
  inspect: () => 'an object',
  table: () => '[objects cannot be shown]',
};

/** Loads the inspector once, when a value first needs it. */
export function lazyInspector(port: Port): () => Inspector {
  let inspector: Inspector | undefined;
  return () => {
    inspector ??= port('inspector') ?? NO_INSPECTOR;
    return inspector;
  };
}

/** Gives V8's console, which discards everything, the methods that log. */
export function installConsole(port: Port, inspector: () => Inspector): void {
  const target = console as unknown as Record<string, unknown>;
  const logger =
    (level: string) =>
    (...args: unknown[]): void =>
      port('log', level, cut(format(args, inspector), MAX_LINE));
  target.log = logger('info');
  target.info = logger('info');
  target.warn = logger('warn');
  target.error = logger('error');
  target.debug = logger('debug');
  target.table = (data: unknown, columns: unknown): void =>
    port('log', 'info', cut(inspector().table(data, columns), MAX_LINE));
}

/** Joins primitives by itself; anything else, and a format string, is the inspector's work. */
function format(args: unknown[], inspector: () => Inspector): string {
  let line = '';
  for (let i = 0; i < args.length; i++) {
    const arg = args[i];
    const type = typeof arg;
    const plain = type === 'string' ? i > 0 || args.length === 1 || !mayFormat(arg as string) : type !== 'symbol';
    if (!plain || (type === 'object' && arg !== null) || type === 'function') return inspector().format(args);
    line +=
      (i > 0 ? ' ' : '') +
      (type === 'bigint' ? `${SafeString(arg)}n` : type === 'number' ? numberText(arg as number) : SafeString(arg));
  }
  return line;
}

function mayFormat(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (text[i] === '%') return true;
  return false;
}

/** As Node prints it: the sign of -0 shows. */
const numberText = (value: number): string => (value === 0 && 1 / value < 0 ? '-0' : SafeString(value));
