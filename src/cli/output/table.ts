import { succeededCondition } from '../../api/conditions.ts';
import { terminalText } from '../../api/text.ts';
import type { ScriptExecution } from '../../api/types.generated.ts';
import type { Style } from './style.ts';

const GAP = '   ';
const MIN_RESULT = 20;
const DEFAULT_WIDTH = 120;
/** Length of the longest reasons. */
const REASON_WIDTH = 16;
const DURATION_WIDTH = 8;
const SUCCEEDED_WIDTH = 9;

/** Rows like those of `kubectl get -w`: one as each execution finishes, so widths are fixed before the first. */
export class Table {
  readonly #style: Style;
  readonly #widths: readonly number[];
  readonly #namespaces: boolean;
  readonly #resultWidth: number;

  /** @param width of the terminal, in columns */
  constructor(executions: readonly ScriptExecution[], style: Style, width = DEFAULT_WIDTH) {
    const namespaces = executions.map(({ metadata }) => metadata.namespace);
    this.#style = style;
    this.#namespaces = new Set(namespaces).size > 1;
    const name = longest(['NAME', ...executions.map(({ metadata }) => metadata.name)]);
    const fixed = [name, SUCCEEDED_WIDTH, REASON_WIDTH, DURATION_WIDTH];
    this.#widths = this.#namespaces ? [longest(['NAMESPACE', ...namespaces]), ...fixed] : fixed;
    const used = this.#widths.reduce((sum, column) => sum + column + GAP.length, 0);
    this.#resultWidth = Math.max(MIN_RESULT, width - used);
  }

  header(): string {
    const titles = ['NAME', 'SUCCEEDED', 'REASON', 'DURATION', 'RESULT'];
    return this.#line(this.#namespaces ? ['NAMESPACE', ...titles] : titles, this.#style.bold);
  }

  row({ metadata, status }: ScriptExecution): string {
    const succeeded = succeededCondition(status);
    const wallMs = status.usage?.wallMilliseconds;
    const cells = [
      metadata.name,
      succeeded?.status ?? 'Unknown',
      succeeded?.reason ?? '',
      wallMs === undefined ? '-' : durationText(wallMs),
      shortened(resultText(status), this.#resultWidth),
    ];
    const { green, red, yellow } = this.#style;
    const colour = succeeded?.status === 'True' ? green : succeeded?.status === 'False' ? red : yellow;
    return this.#line(this.#namespaces ? [metadata.namespace, ...cells] : cells, undefined, colour);
  }

  #line(cells: readonly string[], all = (text: string) => text, status = all): string {
    const first = this.#namespaces ? 2 : 1;
    const padded = cells.map((cell, index) => {
      const text = cell.padEnd(this.#widths[index] ?? 0);
      return index === first || index === first + 1 ? status(text) : all(text);
    });
    return `${padded.join(GAP).trimEnd()}\n`;
  }
}

/** Formats milliseconds: `3ms`, `1.25s`. */
export function durationText(durationMs: number): string {
  return durationMs < 1000 ? `${Math.round(durationMs)}ms` : `${Number((durationMs / 1000).toFixed(2))}s`;
}

/** The result of an execution in one line that is safe to print. */
function resultText({ conditions, error, result }: ScriptExecution['status']): string {
  if (error !== undefined) {
    const at = error.line === undefined ? '' : ` (line ${error.line})`;
    return `${terminalText(error.message.split('\n', 1)[0] ?? '')}${at}`;
  }
  if (result !== undefined) return terminalText(JSON.stringify(result));
  const succeeded = succeededCondition({ conditions });
  return succeeded === undefined || succeeded.status === 'True' ? '' : terminalText(succeeded.message);
}

function shortened(text: string, width: number): string {
  const characters = [...text];
  return characters.length <= width ? text : `${characters.slice(0, width - 1).join('')}…`;
}

const longest = (texts: readonly string[]): number => Math.max(...texts.map((text) => text.length));
