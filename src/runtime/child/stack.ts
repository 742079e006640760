import type { ErrorReport } from '../wire/from-child.ts';
import type { LoadedProgram } from './compile.ts';
import { originalColumn } from './edits.ts';

const MAX_FRAMES = 20;
const MAX_DEPTH = 8;

/**
 * Turns an error as the guest described it into one its author can use: positions are those of the author's source,
 * the stack has the script's frames alone, and line and column are those of the topmost.
 */
export function authorsView(report: ErrorReport, program: LoadedProgram, depth = 0): ErrorReport {
  const frames = scriptFrames(String(report.stack ?? ''), program);
  const top = frames.find((frame) => frame.line !== undefined);
  return {
    message: String(report.message),
    ...(top?.line === undefined || top.column === undefined ? {} : { line: top.line, column: top.column }),
    ...(frames.length === 0 ? {} : { stack: frames.map((frame) => frame.text).join('\n') }),
    ...(report.cause === undefined || depth >= MAX_DEPTH
      ? {}
      : { cause: authorsView(report.cause, program, depth + 1) }),
  };
}

interface StackFrame {
  readonly text: string;
  readonly line?: number;
  readonly column?: number;
}

/** `    at f (NAME:3:7)`, `    at NAME:3:7` and built-ins between such frames; what is neither is not the script's. */
function scriptFrames(stack: string, program: LoadedProgram): StackFrame[] {
  const place = new RegExp(`${escapeRegExp(program.name)}:(\\d+):(\\d+)`);
  const frames: StackFrame[] = [];
  let last = 0;
  for (const text of stack.split('\n')) {
    if (!/^ {4}at /.test(text) || frames.length >= MAX_FRAMES) continue;
    const match = place.exec(text);
    if (match !== null) {
      const line = Number(match[1]);
      const column = originalColumn(program.shifts, line, Number(match[2]));
      const label = /^ {4}at (.*) \(/.exec(text)?.[1];
      const where = `${program.name}:${line}:${column}`;
      frames.push({ text: `    at ${isNamed(label) ? `${label} (${where})` : where}`, line, column });
      last = frames.length;
    } else if (/\(<anonymous>\)$/.test(text)) {
      frames.push({ text });
    }
  }
  return frames.slice(0, last);
}

/** The wrapper that compilation adds is the script's top level, which has no name. */
const isNamed = (label: string | undefined): label is string => label !== undefined && !label.startsWith('eval at');

const escapeRegExp = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
