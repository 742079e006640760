import { FormatError } from './format-error.ts';

/**
 * Kubernetes resource quantities (k8s.io/apimachinery/pkg/api/resource): a decimal number with a binary suffix (Ki), a
 * decimal suffix (k, M, m) or an exponent (1e3). Kubernetes' precision is a billionth, its maximum 2^63-1.
 */
const QUANTITY = /^([+-]?)([0-9]*)(?:\.([0-9]*))?(?:(Ki|Mi|Gi|Ti|Pi|Ei)|([numkMGTPE])|[eE]([+-]?[0-9]+))?$/;
const MAX_LENGTH = 128;
const NANOS = 1_000_000_000n;
const MAX_NANOS = (2n ** 63n - 1n) * NANOS;

const BINARY: Readonly<Record<string, bigint>> = {
  Ki: 2n ** 10n,
  Mi: 2n ** 20n,
  Gi: 2n ** 30n,
  Ti: 2n ** 40n,
  Pi: 2n ** 50n,
  Ei: 2n ** 60n,
};

/** Power of ten of each decimal suffix. */
const DECIMAL: Readonly<Record<string, number>> = { n: -9, u: -6, m: -3, k: 3, M: 6, G: 9, T: 12, P: 15, E: 18 };

/**
 * Parses a quantity exactly.
 *
 * @returns billionths, rounded away from zero and clamped to ±(2^63-1) whole units, as in Kubernetes; undefined if the
 * text is not a quantity
 */
export function quantityNanos(text: string): bigint | undefined {
  const match = text.length <= MAX_LENGTH ? QUANTITY.exec(text) : null;
  if (match === null) return undefined;
  const [, sign, whole = '', fraction = '', binary, decimal, exponent] = match;
  if (whole === '' && fraction === '') return undefined;

  const digits = BigInt(whole + fraction);
  if (digits === 0n) return 0n;
  const numerator = digits * (binary === undefined ? 1n : (BINARY[binary] ?? 1n));
  // Beyond these exponents every number is out of range or rounds to one billionth: no need to compute a huge power.
  const power = decimal === undefined ? clamp(Number(exponent ?? 0), -400, 400) : (DECIMAL[decimal] ?? 0);
  const scale = power - fraction.length + 9;
  const nanos = scale >= 0 ? numerator * 10n ** BigInt(scale) : divideUp(numerator, 10n ** BigInt(-scale));
  const held = nanos > MAX_NANOS ? MAX_NANOS : nanos;
  return sign === '-' ? -held : held;
}

/**
 * Parses a quantity of bytes such as `64Mi`, `32Ki`, `1e6` or `512`.
 *
 * @returns whole bytes, rounded up
 * @throws FormatError if it is not a quantity, is negative, or exceeds the safe integer range
 */
export function parseBytes(quantity: string | number): number {
  const text = String(quantity);
  const nanos = quantityNanos(text);
  if (nanos === undefined) {
    throw new FormatError(`${quote(text)} is not a quantity: write one like 64Mi, 32Ki or 1000000`);
  }
  if (nanos < 0n) throw new FormatError(`${quote(text)} is negative: write a number of bytes, such as 64Mi`);
  const bytes = divideUp(nanos, NANOS);
  if (bytes > BigInt(Number.MAX_SAFE_INTEGER)) throw new FormatError(`${quote(text)} is too many bytes`);
  return Number(bytes);
}

/**
 * Formats a number of bytes with the largest exact binary suffix: `67108864` becomes `64Mi`.
 *
 * @param bytes a whole number from 0 to `Number.MAX_SAFE_INTEGER`
 * @throws RangeError for any other value
 */
export function formatBytes(bytes: number): string {
  if (!Number.isSafeInteger(bytes) || bytes < 0) throw new RangeError(`not a whole number of bytes: ${bytes}`);
  let value = bytes;
  let suffix = '';
  for (const next of Object.keys(BINARY)) {
    if (value === 0 || value % 1024 !== 0) break;
    value /= 1024;
    suffix = next;
  }
  return `${value}${suffix}`;
}

function divideUp(numerator: bigint, denominator: bigint): bigint {
  return (numerator + denominator - 1n) / denominator;
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(Math.max(value, low), high);
}

function quote(text: string): string {
  return JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}…` : text);
}
