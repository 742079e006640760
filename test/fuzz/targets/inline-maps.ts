import fc from 'fast-check';
import { takeInlineMap } from '../../../src/runtime/compiler/inline-map.ts';
import { FilePlaces } from '../../../src/runtime/compiler/positions.ts';
import { JSON_TOKENS, mutated, odd, spoiled } from '../mutations.ts';
import { check, type Target } from '../target.ts';

const CODE = 'one();\n  two();\nthree();\n';
const VALID = { version: 3, sources: ['src/a.ts', '../b.ts'], sourceRoot: '', names: [], mappings: 'AAAA;EACC,ICAC;' };

const scriptWith = (data: string, encoding: string): string =>
  `${CODE}//# sourceMappingURL=data:application/json${encoding},${data}\n`;
const percent = (text: string): string => scriptWith(encodeURIComponent(text.toWellFormed()), ';charset=utf-8');
const base64 = (text: string): string => scriptWith(Buffer.from(text).toString('base64'), ';base64');

/** Any text as the mappings of a map. */
const mappings = fc.oneof(
  mutated([VALID.mappings], ['A', 'g', ';', ',', '//////', 'ggggggB', '\0', '\u{1f600}']),
  fc.string({ unit: 'binary' }),
);

const text = fc.oneof(
  spoiled(VALID).map((value) => JSON.stringify(value) ?? ''),
  mappings.map((each) => JSON.stringify({ ...VALID, mappings: each })),
  odd.map((value) => JSON.stringify({ ...VALID, sources: [value, 'a.ts'] })),
  mutated([JSON.stringify(VALID)], JSON_TOKENS),
);

interface Case {
  readonly source: string;
  readonly line: number;
  readonly column: number;
}

const position = fc.oneof(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: (1 << 20) + 1 }));

/** The source map at the end of a script, as the compiler takes it and as places are found by it. */
export const inlineMaps: Target<Case> = {
  name: 'inline-maps',
  title: 'source maps at the end of scripts',
  input: fc.record({
    source: fc.oneof(
      text.map(percent),
      text.map(base64),
      mutated(
        [percent(JSON.stringify(VALID)), base64(JSON.stringify(VALID))],
        ['//# sourceMappingURL=', '\n', '%', '='],
      ),
    ),
    line: position,
    column: position,
  }),
  run({ source, line, column }) {
    const { code, map } = takeInlineMap(source, 'lib/rules.js');
    check(source.startsWith(code), 'the code of a script changes');
    check((map === undefined) === (code === source), 'a comment that is no map is taken away');
    const place = new FilePlaces({ compiled: [], inline: map }).find({ line, column });
    check(place !== undefined, 'a place is lost');
    const { file = 'a', line: found, column: at } = place;
    check(/^[\w./@+-]{1,520}$/.test(file), `a place in the file ${JSON.stringify(file)}`);
    check(Math.min(found, at) >= 1 && Math.max(found, at) <= (1 << 20) + 1, `a place at ${found}:${at}`);
  },
};
