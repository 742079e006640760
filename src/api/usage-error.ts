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

/** The error for a file that cannot be read or written. */
export function unreadable(path: string, error: unknown): UsageError {
  if (path === '') return new UsageError('the name of a file is empty');
  return new UsageError(`${path}: ${systemProblem(error)}`);
}

/** The error for a port that cannot be listened on. */
export function cannotListen(port: number, error: unknown): UsageError {
  const isTaken = (error as NodeJS.ErrnoException).code === 'EADDRINUSE';
  const hint = isTaken ? 'name another port, or 0 for a free one' : undefined;
  return new UsageError(`cannot listen on port ${port}: ${systemProblem(error)}`, hint);
}

/** What the system says of a file or an address, in the words of the C library. */
export function systemProblem(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  return REASONS[code ?? ''] ?? message;
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'no such file or directory',
  ENOTDIR: 'no such file or directory',
  EACCES: 'permission denied',
  EPERM: 'operation not permitted',
  EEXIST: 'file exists',
  EISDIR: 'is a directory',
  ELOOP: 'too many levels of symbolic links',
  ENAMETOOLONG: 'file name too long',
  ENOSPC: 'no space left on device',
  EROFS: 'read-only file system',
  EADDRINUSE: 'address already in use',
  EADDRNOTAVAIL: 'cannot assign requested address',
  EIO: 'input/output error',
};
