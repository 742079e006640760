/** What a scalar of YAML is before it becomes JSON: a whole number of 64 bits is a bigint, any other a number. */
export type Scalar = null | boolean | bigint | number | string;

const WORDS = new Map<string, Scalar>([
  ...words(true, ['y', 'yes', 'true', 'on']),
  ...words(false, ['n', 'no', 'false', 'off']),
  ...words(null, ['null']),
  ['', null],
  ['~', null],
  ...words(Number.NaN, ['.nan']),
  ['.NaN', Number.NaN],
  ...words(Number.POSITIVE_INFINITY, ['.inf', '+.inf']),
  ...words(Number.NEGATIVE_INFINITY, ['-.inf']),
]);

const INTEGER = /^([-+]?)(0[xX][0-9a-fA-F]+|0[bB][01]+|0[oO]?[0-7]+|0|[1-9][0-9]*)$/;
const FLOAT = /^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$/;
const MAX_UNSIGNED = 2n ** 64n - 1n;
const MIN_SIGNED = -(2n ** 63n);

/**
 * What kubectl takes an unquoted scalar of YAML for. It reads with go-yaml 2 (resolve.go), which is YAML 1.1 in parts:
 * `yes`, `on` and `n` are booleans, `010` is eight and `1_000` a thousand; but `1:30` and dates are strings. Whole
 * numbers that do not fit into 64 bits are decimal fractions where they are written in digits alone, and else strings.
 */
export function resolveScalar(text: string): Scalar {
  const word = WORDS.get(text);
  if (word !== undefined) return word;
  if (!/^[-+.0-9]/.test(text)) return text;

  // Behind a point an underscore stands between digits; elsewhere it stands anywhere.
  const plain = text.replace(text.startsWith('.') ? /(?<=[0-9])_(?=[0-9])/g : /_/g, '');
  const integer = text.startsWith('.') ? null : INTEGER.exec(plain);
  if (integer !== null) {
    const [, sign = '', digits = ''] = integer;
    const magnitude = BigInt(digits.replace(/^0[oO]?(?=[0-7]+$)/, '0o'));
    const value = sign === '-' ? -magnitude : magnitude;
    if (value >= MIN_SIGNED && value <= (sign === '' ? MAX_UNSIGNED : 2n ** 63n - 1n)) return value;
  }
  if (!FLOAT.test(plain)) return text;
  const value = Number(plain);
  // A number too large for a double is left a string.
  return Number.isFinite(value) ? value : text;
}

/** A word as YAML spells it: lower case, capitalised, all capitals. */
function words(value: Scalar, spellings: readonly string[]): [string, Scalar][] {
  return spellings.flatMap((word): [string, Scalar][] => [
    [word, value],
    [word.replace(/[a-z]/, (letter) => letter.toUpperCase()), value],
    [word.toUpperCase(), value],
  ]);
}
