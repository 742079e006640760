import { MAX_PROGRAM_BYTES } from '../../api/limits.ts';
import type { CompiledProgram, FileKind } from '../compiler/program.ts';
import type { LogLevel } from '../types.ts';
import { type BodyStep, isBodyStep } from './body-step.ts';
import { type FetchStep, isFetchStep } from './fetch-step.ts';
import { isResponsePart, type ResponsePart } from './response-part.ts';
import { isSpanNumber, isSpanStep, type SpanStep } from './span-step.ts';
import { isPart, type Part } from './texts.ts';

/** An error as the sandbox describes it: text, cut to length. */
export interface ErrorReport {
  readonly message: string;
  /** The file that line and column are of. */
  readonly file?: string;
  readonly line?: number;
  readonly column?: number;
  readonly stack?: string;
  readonly cause?: ErrorReport;
  /** The reasons of an AggregateError; `error` and `suppressed` of a SuppressedError. */
  readonly errors?: readonly ErrorReport[];
}

/** How a run ended, as the sandbox tells it. */
export type RunReport =
  | { readonly kind: 'value'; readonly json: string | null }
  | { readonly kind: 'thrown'; readonly error: ErrorReport }
  | { readonly kind: 'result-too-large'; readonly bytes: number }
  | { readonly kind: 'never-settles' | 'out-of-memory' };

/**
 * How compiling a program ended. Of a program, the blob holds for each file its code (empty where `isSource`: it is the
 * source as it was sent), its cached data, and its source maps as one JSON text.
 */
export type Compilation =
  | {
      readonly kind: 'program';
      readonly program: CompiledProgram;
      readonly isSource: readonly boolean[];
      readonly parts: readonly Part[];
    }
  | { readonly kind: 'error'; readonly error: ErrorReport }
  /** It imports files of these names, which were not sent. */
  | { readonly kind: 'missing'; readonly names: readonly string[] }
  /** It takes what this process does not have: a parser, or TypeScript's own compiler. */
  | { readonly kind: 'needs-more' };

/** How loading a program ended. What it does not compile to is for a process to say that has run no script. */
export type Loading = 'loaded' | 'needs-more' | 'refused';

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
  | { readonly op: 'compiled'; readonly id: number; readonly compilation: Compilation }
  | { readonly op: 'loaded'; readonly id: number; readonly loading: Loading }
  | { readonly op: 'log'; readonly id: number; readonly lines: readonly LogEntry[] }
  | {
      readonly op: 'call';
      readonly id: number;
      readonly call: number;
      readonly name: string;
      readonly args: string;
      /** Number of the script's own span that it is made in. */
      readonly span?: number;
    }
  | SpanStep
  | FetchStep
  | ResponsePart
  | BodyStep
  | {
      readonly op: 'done';
      readonly id: number;
      readonly report: RunReport;
      readonly cpuMicroseconds: number;
      readonly heapBytes: number;
      /** Nothing of the run is left behind: no call under way, no promise pending. */
      readonly clean: boolean;
    };

const LOADINGS: ReadonlySet<unknown> = new Set<Loading>(['loaded', 'needs-more', 'refused']);
const LEVELS: ReadonlySet<unknown> = new Set<LogLevel>(['debug', 'info', 'warn', 'error']);
const MAX_TEXT = 1 << 20;
const MAX_LINES = 1024;
const MAX_CAUSES = 8;
const MAX_ERRORS = 16;
/** Files of a program, and what one of them imports. */
const MAX_FILES = 4096;

const isText = (value: unknown): value is string => typeof value === 'string' && value.length <= MAX_TEXT;
const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;
/** A script has no more lines than bytes, and no line more columns: one more of each is where its end may be. */
const MAX_POSITION = MAX_PROGRAM_BYTES + 1;

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
    isOptional(value.file, isText) &&
    isOptional(value.line, isCount) &&
    isOptional(value.column, isCount) &&
    isOptional(value.stack, isText) &&
    isOptional(value.cause, (cause) => isErrorReport(cause, depth + 1)) &&
    isOptional(value.errors, (errors) => isList(errors, MAX_ERRORS, (error) => isErrorReport(error, depth + 1)))
  );
}

function isRunReport(value: unknown): value is RunReport {
  if (!isFields(value)) return false;
  switch (value.kind) {
    case 'value':
      return value.json === null || isText(value.json);
    case 'thrown':
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

const isList = (value: unknown, max: number, check: (value: unknown) => boolean): boolean =>
  Array.isArray(value) && value.length <= max && value.every(check);

const isNames = (value: unknown): boolean =>
  isFields(value) && Object.keys(value).length <= MAX_FILES && Object.values(value).every(isText);

const FILE_KINDS: ReadonlySet<unknown> = new Set<FileKind>(['script', 'async', 'module', 'json', 'broken']);

const isCompiledFile = (value: unknown): boolean =>
  isFields(value) &&
  isText(value.name) &&
  FILE_KINDS.has(value.kind) &&
  isNames(value.imports) &&
  typeof value.mayWait === 'boolean' &&
  typeof value.mayThrow === 'boolean' &&
  typeof value.usesMeta === 'boolean' &&
  typeof value.declaresContext === 'boolean';

const isProgram = (value: unknown): boolean =>
  isFields(value) &&
  isText(value.webNames) &&
  typeof value.usesConsole === 'boolean' &&
  typeof value.mayCancelRejections === 'boolean' &&
  isList(value.files, MAX_FILES, isCompiledFile) &&
  isNames(value.imports) &&
  isOptional(value.names, isNames);

function isCompilation(value: unknown): boolean {
  if (!isFields(value)) return false;
  switch (value.kind) {
    case 'program':
      return (
        isProgram(value.program) &&
        isList(value.isSource, MAX_FILES, (each) => typeof each === 'boolean') &&
        isList(value.parts, 3 * MAX_FILES, isPart)
      );
    case 'error':
      return isErrorReport(value.error);
    case 'missing':
      return isList(value.names, MAX_FILES, isText);
    case 'needs-more':
      return true;
    default:
      return false;
  }
}

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
      return isCompilation(message.compilation);
    case 'loaded':
      return LOADINGS.has(message.loading);
    case 'log':
      return Array.isArray(message.lines) && message.lines.length <= MAX_LINES && message.lines.every(isLogEntry);
    case 'call':
      return (
        isCount(message.call) && isText(message.name) && isText(message.args) && isOptional(message.span, isSpanNumber)
      );
    case 'span':
      return isSpanStep(message);
    case 'fetch':
      return isFetchStep(message);
    case 'respond':
      return isResponsePart(message);
    case 'body':
      return isBodyStep(message);
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
