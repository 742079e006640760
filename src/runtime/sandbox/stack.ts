import { type ErrorReport, isPosition } from '../wire/from-sandbox.ts';
import type { Shift } from '../wire/to-sandbox.ts';
import type { LoadedProgram } from './compile.ts';
import { originalColumn } from './edits.ts';

const MAX_FRAMES = 20;
const MAX_DEPTH = 8;
/** UTF-16 units of an error's message, and of its stack: what the guest keeps, unless a script has tampered with it. */
const MAX_MESSAGE = 4096;
const MAX_STACK = 16_384;

/**
 * The frames of a stack trace as the author knows them: those of the script, with the columns of its source, and the
 * built-ins between them. What is neither is not the script's.
 */
export function authorsFrames(frames: string, program: LoadedProgram): string {
  const place = placeIn(program.name);
  const kept: string[] = [];
  let last = 0;
  for (const frame of frames.split('\n')) {
    if (!frame.startsWith('    at ') || kept.length >= MAX_FRAMES) continue;
    const match = place.exec(frame);
    if (match !== null) {
      if (isAdded(program.shifts, Number(match[1]), Number(match[2]))) continue;
      kept.push(
        frame.replace(place, (_, line: string, column: string) => {
          return `${program.name}:${line}:${originalColumn(program.shifts, Number(line), Number(column))}`;
        }),
      );
      last = kept.length;
    } else if (frame.endsWith('(<anonymous>)')) {
      kept.push(frame);
    }
  }
  return kept
    .slice(0, last)
    .map((frame) => `\n${frame}`)
    .join('');
}

/** Whether a position is in the wrapper that compilation puts around the source. */
const isAdded = (shifts: readonly Shift[], line: number, column: number): boolean =>
  shifts.some(([shifted, from, length]) => shifted === line && from === 1 && column <= length);

/** An error as its author reads it: line and column are those of the topmost frame, and the stack is frames alone. */
export function authorsError(report: ErrorReport, program: LoadedProgram, depth = 0): ErrorReport {
  const frames = String(report.stack ?? '')
    .split('\n')
    .filter((frame) => frame.startsWith('    at ') && !frame.includes('copepod:'))
    .slice(0, MAX_FRAMES);
  const place = placeIn(program.name);
  const top = frames
    .map((frame) => place.exec(frame)?.slice(1).map(Number))
    .find((position) => position?.every(isPosition));
  return {
    message: String(report.message).slice(0, MAX_MESSAGE),
    ...(top == null ? {} : { line: top[0] as number, column: top[1] as number }),
    ...(frames.length === 0 ? {} : { stack: frames.join('\n').slice(0, MAX_STACK) }),
    ...(report.cause === undefined || depth >= MAX_DEPTH
      ? {}
      : { cause: authorsError(report.cause, program, depth + 1) }),
  };
}

const placeIn = (name: string): RegExp => new RegExp(`${name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}:(\\d+):(\\d+)`);
