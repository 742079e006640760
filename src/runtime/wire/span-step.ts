import {
  type Attributes,
  areScriptAttributes,
  isAttributeName,
  isReservedAttribute,
  MAX_ATTRIBUTE_NAME,
  MAX_ATTRIBUTES,
  MAX_SCRIPT_SPANS,
} from '../../api/span.ts';

/** Spans that a script makes in one run. */
export const MAX_SPANS = MAX_SCRIPT_SPANS;
/** Times that it gives them attributes. */
export const MAX_SETS = MAX_SCRIPT_SPANS * MAX_ATTRIBUTES;

/** UTF-16 units of a name, an attribute and an error. More than are kept, for secret values are found in whole texts alone. */
export const MAX_SPAN_TEXT = 4096;

/**
 * What becomes of a span that a script makes itself. Spans are numbered from 1 in each run; 0 is the script as a whole. The
 * script gives no ids: those are the supervisor's.
 *
 * | step | |
 * |---|---|
 * | `start` | it begins, within the span `parent` |
 * | `set` | it gets attributes; `error` says that it has failed, and why |
 * | `end` | it ends |
 */
export type SpanStep = {
  readonly op: 'span';
  readonly id: number;
  readonly span: number;
  /** Of the monotonic clock. */
  readonly microseconds: number;
} & (
  | { readonly step: 'start'; readonly name: string; readonly parent: number }
  | { readonly step: 'set'; readonly attributes: Attributes; readonly error?: string }
  | { readonly step: 'end' }
);

/** Why a script cannot set attributes of these names, or undefined. Pure. */
export function attributesProblem(attributes: Readonly<Record<string, unknown>>): string | undefined {
  const names = Object.keys(attributes);
  if (names.length > MAX_ATTRIBUTES) return `a span has ${MAX_ATTRIBUTES} attributes at most`;
  const reserved = names.find(isReservedAttribute);
  if (reserved !== undefined) return `attributes of that name are set by the platform: ${reserved}`;
  if (names.every(isAttributeName)) return undefined;
  const rule = `a letter, then letters, digits, ".", "_" and "-", ${MAX_ATTRIBUTE_NAME} characters at most`;
  return `the name of an attribute is ${rule}`;
}

type Fields = Readonly<Record<string, unknown>>;

const isText = (value: unknown): boolean => typeof value === 'string' && value.length <= MAX_SPAN_TEXT;

/** Whether this is the number of a span, 0 for the script as a whole. */
export const isSpanNumber = (value: unknown): value is number =>
  Number.isInteger(value) && (value as number) >= 0 && (value as number) <= MAX_SCRIPT_SPANS;

/** Checks a step of a span, which is as hostile as the sandbox, field by field. */
export function isSpanStep({ span, microseconds, step, name, parent, attributes, error }: Fields): boolean {
  if (!isSpanNumber(span) || !Number.isSafeInteger(microseconds) || (microseconds as number) < 0) return false;
  switch (step) {
    case 'start':
      return span > 0 && isText(name) && name !== '' && isSpanNumber(parent) && parent < span;
    case 'set':
      return areScriptAttributes(attributes, MAX_SPAN_TEXT) && (error === undefined || isText(error));
    case 'end':
      return span > 0;
    default:
      return false;
  }
}
