/** A path in an object: field names, map keys and array indexes. */
export type FieldPath = readonly (string | number)[];

const PLAIN = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** Formats a path as Kubernetes does: `spec.logs[0].level`, or `metadata.labels[copepod.dev/source]` for other keys. */
export function formatPath(path: FieldPath): string {
  let text = '';
  for (const part of path) {
    if (typeof part === 'number' || !PLAIN.test(part)) text += `[${part}]`;
    else text += text === '' ? part : `.${part}`;
  }
  return text;
}

/** A validation error and its field. */
export interface FieldError {
  /** The field, for example `spec.limits.timeout`; empty for the whole object. */
  readonly path: string;
  /** The path in parts. */
  readonly parts: FieldPath;
  readonly message: string;
  /** A suggested correction. */
  readonly hint?: string;
  /** The hint is to write the value in quotes: as it is written, `1.10` say, where that is known. */
  readonly quoteSource?: boolean;
}

/** Builds a FieldError; an undefined hint is omitted. */
export function fieldError(parts: FieldPath, message: string, hint?: string): FieldError {
  return { path: formatPath(parts), parts, message, ...(hint === undefined ? {} : { hint }) };
}
