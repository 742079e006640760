/** A mistake in how the command was called, or in a file that it was given. Nothing has run; the process exits with 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
  /** What to do instead, where there is something to say. */
  readonly hint: string | undefined;

  constructor(message: string, hint?: string) {
    super(message);
    this.hint = hint;
  }
}
