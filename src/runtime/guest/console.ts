import type { Inspector, Port } from './port.ts';
import { assign, create, cut, now, SafeError, SafeString, splitAt } from './primordials.ts';
import { framesOf } from './stack-trace.ts';

const MAX_LINE = 8192;
const INDENT = '  ';
/** UTF-16 units that groups indent at the most. */
const MAX_INDENT = 100;
/** Stands for what cannot be formatted. */
const NOT_SHOWN = '[a value that cannot be shown]';

/** Used if a script has modified built-ins so that the inspector cannot be loaded. */
const noInspector = (): Inspector => ({
  format: () => '[objects cannot be shown]',
  inspect: () => 'an object',
  table: () => '[objects cannot be shown]',
});

/** Loads the inspector when a value first needs it. */
export function lazyInspector(port: Port): () => Inspector {
  let inspector: Inspector | undefined;
  return () => {
    inspector ??= port('inspector') ?? noInspector();
    return inspector;
  };
}

type Method = (...args: unknown[]) => void;

/** Replaces the methods of V8's console, which discards everything. None of them throws, whatever is logged; a label that cannot be made a text does. */
export function installConsole(port: Port, inspector: () => Inspector): void {
  const target = console as unknown as Record<string, Method>;
  let indent = '';
  const write = (level: string, text: () => string): void => {
    let line: string;
    try {
      line = text();
    } catch {
      line = NOT_SHOWN; // a getter or proxy of the script's has thrown
    }
    port('log', level, cut(indent === '' ? line : indented(line, indent), MAX_LINE));
  };
  const logger = (name: string, level: string): Method =>
    ({ [name]: (...args: unknown[]) => write(level, () => format(args, inspector)) })[name] as Method;
  const counts = create(null) as Record<string, number>;
  const timers = create(null) as Record<string, number>;
  const elapsed = (label: unknown, args: unknown[], isOver: boolean): void => {
    const name = labelText(label);
    const startedAt = timers[name];
    if (startedAt === undefined) {
      write('warn', () => `No such label '${name}' for console.time${isOver ? 'End' : 'Log'}()`);
      return;
    }
    if (isOver) delete timers[name];
    const first = `${name}: ${SafeString(now() - startedAt)}ms`;
    write('info', () => (args.length === 0 ? first : `${first} ${format(args, inspector)}`));
  };

  const log = logger('log', 'info');
  const group: Method = (...args) => {
    if (args.length > 0) write('info', () => format(args, inspector));
    if (indent.length < MAX_INDENT) indent += INDENT;
  };
  // The members give the methods their names.
  assign(target, {
    log,
    info: logger('info', 'info'),
    warn: logger('warn', 'warn'),
    error: logger('error', 'error'),
    debug: logger('debug', 'debug'),
    dirxml: log,
    table: (data = undefined, columns = undefined) => write('info', () => inspector().table(data, columns)),
    dir: (value = undefined, options = undefined) => write('info', () => inspector().inspect(value, options)),
    assert: (condition = undefined, ...args) => {
      if (condition) return;
      const isText = typeof args[0] === 'string';
      const separator = args.length === 0 ? '' : isText ? ': ' : ' ';
      write('error', () => `Assertion failed${separator}${format(args, inspector)}`);
    },
    trace: (...args) => {
      const frames = framesOf(new SafeError());
      write('error', () => `Trace${args.length === 0 ? '' : `: ${format(args, inspector)}`}${frames}`);
    },
    group,
    groupCollapsed: group,
    groupEnd: () => {
      indent = cut(indent, indent.length < 2 ? 0 : indent.length - INDENT.length);
    },
    count: (label = undefined) => {
      const name = labelText(label);
      counts[name] = (counts[name] ?? 0) + 1;
      write('info', () => `${name}: ${SafeString(counts[name])}`);
    },
    countReset: (label = undefined) => {
      const name = labelText(label);
      if (counts[name] === undefined) return write('warn', () => `Count for '${name}' does not exist`);
      counts[name] = 0;
    },
    time: (label = undefined) => {
      const name = labelText(label);
      if (timers[name] !== undefined) return write('warn', () => `Label '${name}' already exists for console.time()`);
      timers[name] = now();
    },
    timeLog: (label = undefined, ...args) => elapsed(label, args, false),
    timeEnd: (label = undefined) => elapsed(label, [], true),
  } satisfies Record<string, Method>);
}

/** @throws what the script's own conversion throws, as the Console Standard says */
const labelText = (label: unknown): string => (label === undefined ? 'default' : `${SafeString(label)}`);

function indented(text: string, indent: string): string {
  const lines = splitAt(text, '\n');
  let out = '';
  for (let i = 0; i < lines.length; i++) out += `${i > 0 ? '\n' : ''}${indent}${lines[i]}`;
  return out;
}

/** Joins primitives directly; other values and format strings need the inspector. */
function format(args: unknown[], inspector: () => Inspector): string {
  let line = '';
  // Of more than fits a line nothing is kept.
  for (let i = 0; i < args.length && line.length <= MAX_LINE; i++) {
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
