import type { ErrorReport } from '../wire/from-sandbox.ts';

/** A script that does not compile, with the author's line and column. */
export class SourceError extends Error {
  readonly report: ErrorReport;

  constructor(message: string, line?: number, column?: number) {
    super(message);
    this.report = { message, ...(line === undefined ? {} : { line }), ...(column === undefined ? {} : { column }) };
  }
}
