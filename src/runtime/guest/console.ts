import type { Inspector, Port } from './port.ts';
import { cut, SafeString } from './primordials.ts';

const MAX_LINE = 8192;

const UNSHOWABLE = '[a value that cannot be shown]';

/** Used if a script has modified built-ins so that the inspector cannot be loaded. */
const NO_INSPECTOR: Inspector = {
  format: () => '[objects cannot be shown]',
  inspect: () => 'an object',
  table: () => '[objects cannot be shown]',
};

/** Loads the inspector when a value first needs it. */
export function lazyInspector(port: Port): () => Inspector {
  let inspector: Inspector | undefined;
  return () => {
    inspector ??= port('inspector') ?? NO_INSPECTOR;
    return inspector;
  };
}

/** Replaces the methods of V8's console, which discards everything. */
export function installConsole(port: Port, inspector: () => Inspector): void {
  const target = console as unknown as Record<string, unknown>;
  const log = (level: string, print: () => string): void => {
    let line = UNSHOWABLE;
    try {
      line = print();
    } catch {
      // A proxy or a getter has thrown, which must not end the script: it only logs.
    }
    port('log', level, cut(line, MAX_LINE));
  };
  const logger =
    (level: string) =>
    (...args: unknown[]): void =>
      log(level, () => format(args, inspector));
  target.log = logger('info');
  target.info = logger('info');
  target.warn = logger('warn');
  target.error = logger('error');
  target.debug = logger('debug');
  target.table = (data: unknown, columns: unknown): void => log('info', () => inspector().table(data, columns));
}

/** Joins primitives directly; other values and format strings need the inspector. */
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

/** As in Node: -0 keeps its sign. */
const numberText = (value: number): string => (value === 0 && 1 / value < 0 ? '-0' : SafeString(value));
