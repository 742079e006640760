/** A plain YAML scalar's value; `NaN` and infinities have no place in JSON and are for the caller to refuse. */
export type PlainScalar = null | boolean | number | string;

const WORDS = new Map<string, PlainScalar>([
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

const INTEGERS = [
  [/^([-+]?)0[xX]([0-9a-fA-F]+)$/, '0x'],
  [/^([-+]?)0[bB]([01]+)$/, '0b'],
  [/^([-+]?)0[oO]?([0-7]+)$/, '0o'],
  [/^([-+]?)([0-9]+)$/, ''],
] as const;

const FLOAT = /^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$/;

/**
 * What kubectl takes an unquoted YAML scalar for. It reads with go-yaml 2 (resolve.go), which is YAML 1.1 in parts:
 * `yes`, `on` and `n` are booleans, `010` is eight and `1_000` a thousand; but `1:30` and dates are strings.
 */
export function resolvePlain(text: string): PlainScalar {
  const word = WORDS.get(text);
  if (word !== undefined) return word;
  if (!/^[-+.0-9]/.test(text)) return text;

  // Behind a point an underscore stands between digits; elsewhere it stands anywhere.
  const plain = text.replace(text.startsWith('.') ? /(?<=[0-9])_(?=[0-9])/g : /_/g, '');
  for (const [pattern, prefix] of INTEGERS) {
    const match = pattern.exec(plain);
    // Decimal digits behind a zero, such as 09, are no octal number and fall through to the last pattern.
    if (match !== null) return finite(Number(BigInt(`${prefix}${match[2]}`)) * (match[1] === '-' ? -1 : 1), text);
  }
  return FLOAT.test(plain) ? finite(Number(plain), text) : text;
}

/** Minus zero is zero in JSON, and a number too large for one is left a string, as go-yaml leaves it. */
function finite(value: number, text: string): number | string {
  if (!Number.isFinite(value)) return text;
  return value === 0 ? 0 : value;
}

/** A word as YAML spells it: lower case, capitalised, all capitals. */
function words(value: PlainScalar, spellings: readonly string[]): [string, PlainScalar][] {
  return spellings.flatMap((word): [string, PlainScalar][] => [
    [word, value],
    [word.replace(/[a-z]/, (letter) => letter.toUpperCase()), value],
    [word.toUpperCase(), value],
  ]);
}
