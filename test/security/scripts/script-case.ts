import type { EndReason, JsonValue, ScriptSource } from '../../../src/index.ts';

/** A hostile script, and the one way it may end. */
export interface ScriptCase {
  /** What it tries. */
  readonly tries: string;
  readonly source: string | ScriptSource;
  readonly reason: EndReason;
  /** The result it gets, where that says whether it got anywhere. */
  readonly result?: JsonValue;
  /** What the error's message holds. */
  readonly message?: string | RegExp;
  /** Messages of its log lines. */
  readonly logs?: readonly string[];
}

/** A script that completes, with this result. */
export const gets = (tries: string, result: JsonValue, source: string | ScriptSource): ScriptCase => ({
  tries,
  source,
  reason: 'Completed',
  result,
});

/** A script that fails while it runs. */
export const throws = (tries: string, message: string | RegExp, source: string): ScriptCase => ({
  tries,
  source,
  reason: 'RuntimeError',
  message,
});

/** A script that does not compile. */
export const refused = (tries: string, source: string | ScriptSource, message: string | RegExp = ''): ScriptCase => ({
  tries,
  source,
  reason: 'CompilationError',
  message,
});

/** A script that is ended. */
export const ended = (tries: string, reason: EndReason, source: string): ScriptCase => ({ tries, source, reason });
