/** Names of tools as identifiers, as `@cloudflare/codemode` writes them in the types that a model reads. */

const RESERVED = new Set(
  (
    'abstract arguments await boolean break byte case catch char class const continue debugger default delete do double else enum eval ' +
    'export extends false final finally float for function goto if implements import in instanceof int interface let long native new ' +
    'null package private protected public return short static super switch synchronized this throw throws transient true try typeof ' +
    'undefined var void volatile while with yield'
  ).split(' '),
);

/** The identifier that code calls a tool by: `get-weather` is `get_weather`. Pure. */
export function toolIdentifier(name: string): string {
  const cleaned = name.replace(/[-.\s]/g, '_').replace(/[^a-zA-Z0-9_$]/g, '');
  if (cleaned === '') return '_';
  const started = /^[0-9]/.test(cleaned) ? `_${cleaned}` : cleaned;
  return RESERVED.has(started) ? `${started}_` : started;
}
