/** W3C Trace Context (Level 1): https://www.w3.org/TR/trace-context/. Pure. */

/** What identifies a span wherever it is continued. */
export interface SpanContext {
  /** 32 hexadecimal digits in lower case. */
  readonly traceID: string;
  /** 16 hexadecimal digits in lower case. */
  readonly spanID: string;
  readonly isSampled: boolean;
}

const TRACEPARENT = /^(?!ff)([0-9a-f]{2})-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;
const MAX_TRACEPARENT = 256;
const SAMPLED = 1;

/** Reads a `traceparent`; undefined where it is invalid. */
export function parseTraceparent(text: unknown): SpanContext | undefined {
  if (typeof text !== 'string' || text.length > MAX_TRACEPARENT) return undefined;
  const [, version, traceID = '', spanID = '', flags = '', more] = TRACEPARENT.exec(text) ?? [];
  // Version 00 has four fields.
  if (version === undefined || (version === '00' && more !== undefined)) return undefined;
  return { traceID, spanID, isSampled: (Number.parseInt(flags, 16) & SAMPLED) !== 0 };
}

export const formatTraceparent = ({ traceID, spanID, isSampled }: SpanContext): string =>
  `00-${traceID}-${spanID}-${isSampled ? '01' : '00'}`;
