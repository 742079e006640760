/** A text that cannot be parsed; the message says what to write instead. */
export class FormatError extends Error {
  override readonly name = 'FormatError';
}
