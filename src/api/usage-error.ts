/** Invalid usage of a command, or an invalid input file. Nothing ran; the process exits with 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
  /** How to correct it, if there is advice. */
  readonly hint: string | undefined;

  constructor(message: string, hint?: string) {
    super(message);
    this.hint = hint;
  }
}

/** The error for an unreadable file. */
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
