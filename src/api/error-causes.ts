/** As many causes as an error may have behind it. */
const MAX_CAUSES = 8;

interface WithCause {
  readonly message: string;
  readonly cause?: unknown;
}

/**
 * The message of an error with those of its causes, as Node prints them: `TypeError: fetch failed [cause: Error: no egress
 * rule allows api.example.com:443]`. A status has no place for a chain of errors. Pure.
 */
export function messageWithCauses({ message, cause }: WithCause, depth = 0): string {
  if (!isError(cause) || depth === MAX_CAUSES) return message;
  return `${message} [cause: ${messageWithCauses(cause, depth + 1)}]`;
}

const isError = (value: unknown): value is WithCause =>
  typeof value === 'object' && value !== null && typeof (value as WithCause).message === 'string';
