import { terminalText } from '../../api/text.ts';
import { codeFrame } from '../output/code-frame.ts';
import type { Style } from '../output/style.ts';
import { durationText } from '../output/table.ts';
import type { TestResult } from './run-file.ts';

/** Writes results as they come, and a summary at the end. */
export interface Reporter {
  result(result: TestResult): string;
  end(results: readonly TestResult[], durationMs: number): string;
}

const MAX_FRAMES = 5;

/** For people: a line for each test, and what failed with the lines around. */
export class TableReporter implements Reporter {
  readonly #style: Style;
  #file = '';

  constructor(style: Style) {
    this.#style = style;
  }

  result(result: TestResult): string {
    const { bold, dim, green, red, yellow } = this.#style;
    const { file, name, status, durationMs } = result;
    const heading = file === this.#file ? '' : `${this.#file === '' ? '' : '\n'}${bold(terminalText(file))}\n`;
    this.#file = file;
    const mark = { passed: green('✓'), failed: red('✗'), skipped: yellow('-') }[status];
    const time = status === 'skipped' ? 'skipped' : durationText(durationMs);
    const line = `  ${mark} ${terminalText(name)} ${dim(time)}\n`;
    return heading + line + (status === 'failed' ? this.#failure(result) : '');
  }

  #failure({ failure, logs }: TestResult): string {
    const { red, dim, colours } = this.#style;
    if (failure === undefined) return '';
    const { message, place, source = '', stack } = failure;
    let text = `${red(terminalText(message, { multiline: true }))}\n`;
    if (place !== undefined) {
      text += dim(`at ${terminalText(place.file)}:${place.line}:${place.column}\n`);
      const frame = codeFrame(source, place, colours);
      if (frame !== undefined) text += `\n${frame}\n\n`;
    }
    const callers = stack.slice(1, 1 + MAX_FRAMES).map((frame) => terminalText(frame));
    if (callers.length > 0) text += dim(`${callers.join('\n')}\n`);
    for (const { level, message: logged } of logs) text += `${level.padEnd(5)} ${terminalText(logged)}\n`;
    return text.replace(/^(?=.)/gm, '      ');
  }

  end(results: readonly TestResult[], durationMs: number): string {
    const count = (status: TestResult['status']) => results.filter((result) => result.status === status).length;
    const parts = (['passed', 'failed', 'skipped'] as const)
      .filter((status) => status === 'passed' || count(status) > 0)
      .map((status) => `${count(status)} ${status}`);
    return `\n${this.#style.bold(parts.join(', '))} in ${durationText(durationMs)}\n`;
  }
}

/** TAP, version 14 (testanything.org). */
export class TapReporter implements Reporter {
  #count = 0;

  result({ file, name, status, durationMs, failure }: TestResult): string {
    const heading = this.#count === 0 ? 'TAP version 14\n' : '';
    const ok = status === 'failed' ? 'not ok' : 'ok';
    const title = `${terminalText(file)} › ${terminalText(name)}`.replace(/[\\#]/g, '\\$&');
    let text = `${heading}${ok} ${++this.#count} - ${title}${status === 'skipped' ? ' # SKIP' : ''}\n`;
    if (status === 'skipped') return text;
    const details: Record<string, unknown> = { duration_ms: Math.round(durationMs) };
    if (failure !== undefined) {
      details.message = failure.message;
      if (failure.place !== undefined) {
        const { file, line, column } = failure.place;
        details.at = `${file}:${line}:${column}`;
      }
    }
    text += '  ---\n';
    for (const [key, value] of Object.entries(details)) text += `  ${key}: ${JSON.stringify(value)}\n`;
    return `${text}  ...\n`;
  }

  end(results: readonly TestResult[]): string {
    return `1..${results.length}\n`;
  }
}
