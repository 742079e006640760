import { terminalText } from '../../../api/text.ts';
import type { ScriptRuntime } from '../../../api/types.generated.ts';
import type { Style } from '../../output/style.ts';
import { ageText } from '../age-text.ts';
import { type ExecutionRow, ordered, type RuntimeRow, runtimeRow } from './rows.ts';
import { tableText } from './table-text.ts';

/** What there is to show. */
export interface TopState {
  readonly runtimes: readonly ScriptRuntime[];
  readonly executions: readonly ExecutionRow[];
  /** Milliseconds since the epoch, by the API server's clock. */
  readonly now: number;
}

export interface ViewOptions {
  readonly style: Style;
  /** With a column for the namespace. */
  readonly namespaces: boolean;
  /** Columns and lines of the terminal; undefined: no bound. */
  readonly width?: number | undefined;
  readonly height?: number | undefined;
  /** Most executions that have ended. */
  readonly ended: number;
}

/** The tables of runtimes and executions. Pure. */
export function view({ runtimes, executions, now }: TopState, options: ViewOptions): string {
  const { width, height } = options;
  const rows = runtimes
    .map((runtime) => runtimeRow(runtime, executions))
    .sort((one, other) => (`${one.namespace}/${one.name}` < `${other.namespace}/${other.name}` ? -1 : 1));
  const runtimeTable = rows.length === 0 ? 'No ScriptRuntimes.\n' : tableText(runtimeCells(rows, options), width);
  const troubles = troubleLines(rows, options);
  const order = ordered(executions);
  const open = order.filter(({ state }) => state === 'running' || state === 'waiting');
  const wanted = [...open, ...order.slice(open.length, open.length + options.ended)];
  // Two tables, two headers, an empty line and the line of what is left out.
  const room = height === undefined ? wanted.length : Math.max(1, height - rows.length - troubles.length - 5);
  const shown = wanted.slice(0, room);
  const executionTable =
    shown.length === 0 ? 'No ScriptExecutions.\n' : tableText(executionCells(shown, now, options), width);
  const leftOut = wanted.length - shown.length;
  const more = leftOut === 0 ? '' : `${options.style.dim(`${leftOut} more`)}\n`;
  return `${runtimeTable}${troubles.join('')}\n${executionTable}${more}`;
}

/** What is wrong with runtimes, a line each. */
function troubleLines(rows: readonly RuntimeRow[], { style, namespaces, width }: ViewOptions): string[] {
  return rows.flatMap(({ namespace, name, message = '' }) => {
    if (message === '') return [];
    const line = `${namespaces ? `${namespace}/` : ''}${name}: ${terminalText(message).replaceAll('\n', ' ')}`;
    return `${style.dim(line.slice(0, width))}\n`;
  });
}

function runtimeCells(rows: readonly RuntimeRow[], { style, namespaces }: ViewOptions): string[][] {
  const { bold, green, red, yellow } = style;
  const titles = ['RUNTIME', 'PODS', 'BUSY', 'RUNNING', 'WAITING', 'TOTAL', 'FAILED', 'STATE'];
  const cells = rows.map((row) => [
    ...(namespaces ? [row.namespace] : []),
    row.name,
    `${row.ready}/${row.wanted}`,
    `${row.busy}/${row.slots}`,
    String(row.running),
    row.waiting > 0 ? yellow(String(row.waiting)) : '0',
    String(row.total),
    String(row.failed),
    (row.isWell ? green : red)(terminalText(row.state)),
  ]);
  return [(namespaces ? ['NAMESPACE', ...titles] : titles).map(bold), ...cells];
}

function executionCells(rows: readonly ExecutionRow[], now: number, { style, namespaces }: ViewOptions): string[][] {
  const { bold, dim, green, red, yellow } = style;
  const colours = { running: (text: string) => text, waiting: yellow, succeeded: green, failed: red };
  const titles = ['EXECUTION', 'RUNTIME', 'TENANT', 'STATE', 'SINCE', 'POD'];
  const cells = rows.map((row) => [
    ...(namespaces ? [row.metadata.namespace ?? ''] : []),
    row.metadata.name,
    row.runtime,
    terminalText(row.tenant),
    colours[row.state](terminalText(row.reason)),
    ageText(now - row.sinceMs),
    dim(row.pod),
  ]);
  return [(namespaces ? ['NAMESPACE', ...titles] : titles).map(bold), ...cells];
}
