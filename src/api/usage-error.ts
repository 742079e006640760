/** A mistake in how a command was called, or in a file that it was given. Nothing has run; the process exits with 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
  /** What to do instead, where there is something to say. */
  readonly hint: string | undefined;

  constructor(message: string, hint?: string) {
    super(message);
    this.hint = hint;
  }
}

/** What to say of a file that cannot be read. */
export function unreadable(path: string, error: unknown): UsageError {
  const { code } = error as NodeJS.ErrnoException;
  const reasons: Record<string, string> = {
    ENOENT: 'no such file or directory',
    ENOTDIR: 'no such file or directory',
    EACCES: 'permission denied',
    EISDIR: 'is a directory',
  };
  return new UsageError(`${path}: ${reasons[code ?? ''] ?? (error as Error).message}`);
}
