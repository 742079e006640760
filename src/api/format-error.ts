/** A text that a user wrote and that cannot be read; the message says what to write instead. */
export class FormatError extends Error {
  override readonly name = 'FormatError';
}
