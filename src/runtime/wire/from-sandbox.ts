import { MAX_SOURCE_BYTES } from '../../api/limits.ts';
import type { LogLevel } from '../types.ts';
import type { Shift } from './to-sandbox.ts';

/** An error as the sandbox describes it: text, cut to length. */
export interface ErrorReport {
  readonly message: string;
  readonly line?: number;
  readonly column?: number;
  readonly stack?: string;
  readonly cause?: ErrorReport;
}

/** How a run ended, as the sandbox tells it. */
export type RunReport =
  | { readonly kind: 'value'; readonly json: string | null }
  | { readonly kind: 'thrown' | 'syntax'; readonly error: ErrorReport }
  | { readonly kind: 'result-too-large'; readonly bytes: number }
  | { readonly kind: 'never-settles' | 'out-of-memory' };

export interface LogEntry {
  /** Of the monotonic clock. */
  readonly microseconds: number;
  readonly level: LogLevel;
  readonly message: string;
}

/** From a sandbox process to its supervisor. */
export type FromSandbox =
  /** What was asked for is done; of id 0: the process is ready. */
  | { readonly op: 'ack'; readonly id: number }
  /** A program was compiled; the blob is its code as UTF-8 (`codeBytes`), then V8's cached data. */
  | { readonly op: 'compiled'; readonly id: number; readonly codeBytes: number; readonly shifts: readonly Shift[] }
  | { readonly op: 'log'; readonly id: number; readonly lines: readonly LogEntry[] }
  | { readonly op: 'call'; readonly id: number; readonly call: number; readonly name: string; readonly args: string }
  | {
      readonly op: 'done';
      readonly id: number;
      readonly report: RunReport;
      readonly cpuMicroseconds: number;
      readonly heapBytes: number;
      /** Nothing of the run is left behind: no call under way, no promise pending. */
      readonly clean: boolean;
    };

/** Bytes of a compiled program's code with V8's cached data. */
export const MAX_CODE_BYTES = 4 << 20;
/** Shifts of a compiled program. */
export const MAX_SHIFTS = 50_000;

const LEVELS: ReadonlySet<unknown> = new Set<LogLevel>(['debug', 'info', 'warn', 'error']);
const MAX_TEXT = 1 << 20;
const MAX_LINES = 1024;
const MAX_CAUSES = 8;

const isText = (value: unknown): value is string => typeof value === 'string' && value.length <= MAX_TEXT;
const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;
/** A script has no more lines than bytes, and no line more columns: one more of each is where its end may be. */
const MAX_POSITION = MAX_SOURCE_BYTES + 1;

/** Whether a number can be a line or a column of a script, from 1. A script may write any number into a stack. */
export const isPosition = (value: unknown): value is number =>
  Number.isInteger(value) && (value as number) >= 1 && (value as number) <= MAX_POSITION;

const isOptional = (value: unknown, check: (value: unknown) => boolean): boolean => value === undefined || check(value);

type Fields = Record<string, unknown>;
const isFields = (value: unknown): value is Fields => typeof value === 'object' && value !== null;

function isErrorReport(value: unknown, depth = 0): value is ErrorReport {
  return (
    isFields(value) &&
    depth <= MAX_CAUSES &&
    isText(value.message) &&
    isOptional(value.line, isCount) &&
    isOptional(value.column, isCount) &&
    isOptional(value.stack, isText) &&
    isOptional(value.cause, (cause) => isErrorReport(cause, depth + 1))
  );
}

function isRunReport(value: unknown): value is RunReport {
  if (!isFields(value)) return false;
  switch (value.kind) {
    case 'value':
      return value.json === null || isText(value.json);
    case 'thrown':
    case 'syntax':
      return isErrorReport(value.error);
    case 'result-too-large':
      return isCount(value.bytes);
    case 'never-settles':
    case 'out-of-memory':
      return true;
    default:
      return false;
  }
}

const isLogEntry = (value: unknown): value is LogEntry =>
  isFields(value) && isCount(value.microseconds) && LEVELS.has(value.level) && isText(value.message);

const isShift = (value: unknown): value is Shift =>
  Array.isArray(value) && value.length === 3 && value.every((part) => isCount(part) && part < 2 ** 32);

const isShifts = (value: unknown): boolean =>
  Array.isArray(value) && value.length <= MAX_SHIFTS && value.every(isShift);

/**
 * Checks a message of a sandbox process field by field: whatever it says is hostile until it fits.
 * @throws TypeError if it fits nothing.
 */
export function checkFromSandbox(message: unknown): FromSandbox {
  if (isFields(message) && isCount(message.id) && fits(message)) return message as FromSandbox;
  throw new TypeError('message from the sandbox fits no known form');
}

function fits(message: Fields): boolean {
  switch (message.op) {
    case 'ack':
      return true;
    case 'compiled':
      return isCount(message.codeBytes) && message.codeBytes <= MAX_CODE_BYTES && isShifts(message.shifts);
    case 'log':
      return Array.isArray(message.lines) && message.lines.length <= MAX_LINES && message.lines.every(isLogEntry);
    case 'call':
      return isCount(message.call) && isText(message.name) && isText(message.args);
    case 'done':
      return (
        isRunReport(message.report) &&
        isCount(message.cpuMicroseconds) &&
        isCount(message.heapBytes) &&
        typeof message.clean === 'boolean'
      );
    default:
      return false;
  }
}
