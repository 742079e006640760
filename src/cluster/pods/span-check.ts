import {
  type Attributes,
  isAttributeName,
  isAttributeValue,
  isReservedAttribute,
  MAX_ATTRIBUTES,
  MAX_SPAN_ERROR,
  MAX_SPAN_NAME,
  MAX_SPANS,
  SPAN_KINDS,
  type SpanRecord,
} from '../../api/span.ts';

const SPAN_ID = /^(?!0{16})[0-9a-f]{16}$/;
/** What the platform says in the spans of a run, of the names that scripts cannot use. */
const OF_A_RUN = /^copepod\.(reason|egress\.rule|spans\.dropped|usage\.[a-z_]+)$/;
const MAX_TIME_MS = 253_402_300_799_999; // the year 9999
/** A URL has more than a script's own attributes may have. */
const MAX_VALUE = 2048;

/**
 * The spans of a pod's outcome that are well-formed, each id once. The image of a pod may be any: what it says can name no other
 * pod, namespace or service. Pure.
 */
export function checkedSpans(value: unknown): readonly SpanRecord[] {
  const spans = new Map<string, SpanRecord>();
  for (const each of (Array.isArray(value) ? value : []).slice(0, MAX_SPANS)) {
    const span = checkedSpan(each);
    if (span !== undefined && !spans.has(span.spanID)) spans.set(span.spanID, span);
  }
  return [...spans.values()];
}

/**
 * The spans of a run within the span that has asked for it: what claims to be within any other one is within that.
 * @param asker id of that span, which no span of the pod can have
 */
export function spansWithin(spans: readonly SpanRecord[], asker: string): readonly SpanRecord[] {
  const own = spans.filter(({ spanID }) => spanID !== asker);
  const ids = new Set(own.map(({ spanID }) => spanID));
  return own.map((span) => {
    const { parentSpanID = '' } = span;
    return ids.has(parentSpanID) && parentSpanID !== span.spanID ? span : { ...span, parentSpanID: asker };
  });
}

function checkedSpan(value: unknown): SpanRecord | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { name, kind, spanID, parentSpanID, startMs, endMs, attributes, error, byScript } =
    value as Partial<SpanRecord>;
  const isSpan =
    typeof name === 'string' &&
    isID(spanID) &&
    isID(parentSpanID) &&
    SPAN_KINDS.some((each) => each === kind) &&
    isTime(startMs) &&
    isTime(endMs) &&
    endMs >= startMs;
  if (!isSpan) return undefined;
  return {
    name: name.slice(0, MAX_SPAN_NAME),
    kind: kind as SpanRecord['kind'],
    spanID,
    parentSpanID,
    startMs,
    endMs,
    attributes: checkedAttributes(attributes, byScript === true),
    ...(typeof error === 'string' ? { error: error.slice(0, MAX_SPAN_ERROR) } : {}),
    ...(byScript === true ? { byScript } : {}),
  };
}

function checkedAttributes(value: unknown, byScript: boolean): Attributes {
  if (typeof value !== 'object' || value === null) return {};
  return Object.fromEntries(
    Object.entries(value)
      .filter(([name]) => isAttributeName(name) && (!isReservedAttribute(name) || (!byScript && OF_A_RUN.test(name))))
      .filter(([, each]) => isAttributeValue(each, MAX_VALUE))
      .slice(0, MAX_ATTRIBUTES),
  );
}

const isID = (value: unknown): value is string => typeof value === 'string' && SPAN_ID.test(value);
const isTime = (value: unknown): value is number => typeof value === 'number' && value >= 0 && value <= MAX_TIME_MS;
