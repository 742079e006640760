/** A place in an object: names of fields and keys, indexes of lists. */
export type FieldPath = readonly (string | number)[];

const PLAIN = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** Writes a path as Kubernetes does: `spec.logs[0].level`, and `metadata.labels[copepod.dev/source]` for odd keys. */
export function formatPath(path: FieldPath): string {
  let text = '';
  for (const part of path) {
    if (typeof part === 'number' || !PLAIN.test(part)) text += `[${part}]`;
    else text += text === '' ? part : `.${part}`;
  }
  return text;
}

/** What is wrong with an object, and where. */
export interface FieldError {
  /** The field, such as `spec.limits.timeout`; empty for the object as a whole. */
  readonly path: string;
  /** The same, in parts. */
  readonly parts: FieldPath;
  readonly message: string;
  /** What to write instead. */
  readonly hint?: string;
}

/** Makes a FieldError; an undefined hint is no hint. */
export function fieldError(parts: FieldPath, message: string, hint?: string): FieldError {
  return { path: formatPath(parts), parts, message, ...(hint === undefined ? {} : { hint }) };
}
