/** Spans of a run, as a pod reports them in its outcome. They are without the id of their trace, which the sender of the run knows. */

export type AttributeValue = string | number | boolean;
export type Attributes = Readonly<Record<string, AttributeValue>>;

export const SPAN_KINDS = ['Internal', 'Server', 'Client'] as const;
export type SpanKind = (typeof SPAN_KINDS)[number];

/** One operation that has ended. */
export interface SpanRecord {
  readonly name: string;
  readonly kind: SpanKind;
  /** 16 hexadecimal digits. */
  readonly spanID: string;
  /** Of a span of the same trace; absent of a root. */
  readonly parentSpanID?: string;
  /** Milliseconds since the epoch, with fractions. */
  readonly startMs: number;
  readonly endMs: number;
  readonly attributes: Attributes;
  /** Why it has failed, empty where that is not said; absent: it has not. */
  readonly error?: string;
  /** It is the script's own, made with `tracing`. */
  readonly byScript?: true;
}

/** Spans of one script that it makes itself. */
export const MAX_SCRIPT_SPANS = 64;
/** Spans of one run. */
export const MAX_SPANS = 256;
/** UTF-8 bytes of their JSON. */
export const MAX_SPANS_BYTES = 64 << 10;
/** UTF-16 units. */
export const MAX_SPAN_NAME = 128;
export const MAX_ATTRIBUTES = 32;
export const MAX_ATTRIBUTE_NAME = 64;
export const MAX_ATTRIBUTE_VALUE = 256;
export const MAX_SPAN_ERROR = 256;

/** Attributes of the platform: a script that could set them could pass its spans off as another's. */
const RESERVED = /^(cloud|container|copepod|deployment|faas|host|k8s|os|otel|process|service|telemetry)(\.|$)/;

/** Whether a script may set an attribute of that name. */
export const isReservedAttribute = (name: string): boolean => RESERVED.test(name);

const NAME = /^[A-Za-z][\w.-]*$/;

export const isAttributeName = (name: unknown): name is string =>
  typeof name === 'string' && name.length <= MAX_ATTRIBUTE_NAME && NAME.test(name);

/** Whether OTLP has this number in each encoding: whole numbers are integers of 64 bits in JSON, where a collector refuses larger ones. */
const isNumber = (value: unknown): boolean =>
  Number.isInteger(value) ? Number.isSafeInteger(value) : Number.isFinite(value);

/** @param maxLength of a text, in UTF-16 units */
export const isAttributeValue = (value: unknown, maxLength = MAX_ATTRIBUTE_VALUE): value is AttributeValue =>
  typeof value === 'string' ? value.length <= maxLength : typeof value === 'boolean' || isNumber(value);

/** Whether these are attributes that a script may set, in number and size too. */
export function areScriptAttributes(value: unknown, maxLength = MAX_ATTRIBUTE_VALUE): value is Attributes {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const entries = Object.entries(value);
  return (
    entries.length <= MAX_ATTRIBUTES &&
    entries.every(
      ([name, each]) => isAttributeName(name) && !isReservedAttribute(name) && isAttributeValue(each, maxLength),
    )
  );
}
