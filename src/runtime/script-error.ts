import { type ErrorType, REASONS, type Reason } from '../api/outcome.ts';

/** An error further back in a chain of causes. */
export interface ErrorCause {
  readonly message: string;
  readonly stack?: string;
  readonly cause?: ErrorCause;
  /** The reasons of an AggregateError; `error` and `suppressed` of a SuppressedError. */
  readonly errors?: readonly ErrorCause[];
}

export interface ScriptErrorInit {
  readonly message: string;
  /** The file of the script that line and column are of. */
  readonly file?: string | undefined;
  /** From 1, as V8 counts. */
  readonly line?: number | undefined;
  /** From 1, as V8 counts. */
  readonly column?: number | undefined;
  /** Frames of the script alone, one a line. */
  readonly stack?: string | undefined;
  readonly cause?: ErrorCause | undefined;
  readonly errors?: readonly ErrorCause[] | undefined;
}

/** Why an execution failed, as its author reads it. Nothing in it names a host path or an engine internal. */
export class ScriptError extends Error {
  override readonly name = 'ScriptError';
  readonly reason: Reason;
  readonly type: ErrorType;
  /** The file of the script that line and column are of; undefined where there is no place. */
  readonly file: string | undefined;
  readonly line: number | undefined;

  readonly column: number | undefined;
  readonly retryable: boolean;
  /** The reasons of an AggregateError; `error` and `suppressed` of a SuppressedError. */
  readonly errors: readonly ErrorCause[] | undefined;

  constructor(reason: Reason, init: ScriptErrorInit) {
    super(init.message, init.cause === undefined ? {} : { cause: init.cause });
    const rule = REASONS[reason];
    this.reason = reason;
    this.type = rule.errorType ?? 'InternalError';
    this.file = init.file;
    this.line = init.line;
    this.column = init.column;
    this.retryable = rule.retryable;
    this.errors = init.errors;
    this.stack = init.stack === undefined ? init.message : `${init.message}\n${init.stack}`;
  }
}
