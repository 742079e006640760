import fc from 'fast-check';

/** Where a random statement stands: what it may break out of or continue. */
interface Place {
  readonly depth: number;
  readonly inLoop: boolean;
  readonly labels: readonly string[];
}

const expression = fc.constantFrom(
  '1',
  '2',
  "'text'",
  '(3)',
  '4, 5',
  'void 0',
  '[6][0]',
  '(() => { 7 })()',
  '/8/.source',
);
const condition = fc.constantFrom('true', 'false', '0', '1');
const terminator = fc.constantFrom(';', '\n', ';\n', '; // comment\n', ' /* comment */;');

/** `finally` blocks that do not throw: V8 then keeps the value from before, where ECMAScript has none. */
const last = fc.constantFrom('{ 9 }', '{ }', '{ if (true) 9; else 8 }', '{ for (const x of [9]) x; var z = 1 }');

/** Statements with every way to a completion value that ECMAScript has, but `break` out of `finally`. */
function statement(place: Place): fc.Arbitrary<string> {
  const simple = fc.oneof(
    { weight: 4, arbitrary: fc.tuple(expression, terminator).map(([value, end]) => `${value}${end}`) },
    fc.constantFrom(';', '{}', 'var z = 1;', 'let_: {}', 'class A { static a = 1 }', 'debugger;'),
    jumps(place),
  );
  if (place.depth === 0) return simple;
  const inner = { ...place, depth: place.depth - 1 };
  const loop = { ...inner, inLoop: true };
  const body = single(inner);
  const loopBody = single(loop);
  return fc.oneof(
    { weight: 2, arbitrary: simple },
    block(inner),
    fc.tuple(condition, body).map(([test, then]) => `if (${test}) ${then}`),
    fc.tuple(condition, body, body).map(([test, then, other]) => `if (${test}) ${then} else ${other}`),
    loopBody.map((inside) => `for (let i = 0; i < 2; i++) ${inside}`),
    loopBody.map((inside) => `for (const x of [1, 2]) ${inside}`),
    loopBody.map((inside) => `for (const x in { a: 1 }) ${inside}`),
    loopBody.map((inside) => `do ${inside} while (false)\n`),
    loopBody.map((inside) => `while (false) ${inside}`),
    fc.tuple(block(inner), block(inner)).map(([body, caught]) => `try ${body} catch ${caught}`),
    fc.tuple(block(inner), last).map(([body, finalizer]) => `try ${body} finally ${finalizer}`),
    block(inner).map((caught) => `try { throw 1 } catch (error) ${caught}`),
    fc.tuple(condition, list(inner), list(inner)).map(([value, one, other]) => {
      return `switch (${value}) { case true: ${one} case 1: break; default: ${other} }`;
    }),
    body.map((inside) => `with ({}) ${inside}`),
    block({ ...inner, labels: [...place.labels, `l${place.depth}`] }).map((inside) => `l${place.depth}: ${inside}`),
    single({ ...loop, labels: [...place.labels, `l${place.depth}`] }).map(
      (inside) => `l${place.depth}: m${place.depth}: for (const y of [1, 2]) ${inside}`,
    ),
  );
}

function jumps(place: Place): fc.Arbitrary<string> {
  const possible = [
    ...(place.inLoop ? ['break;', 'continue;'] : []),
    ...place.labels.map((label) => `break ${label};`),
  ];
  return possible.length === 0 ? fc.constant(';') : fc.constantFrom(...possible);
}

const list = (place: Place): fc.Arbitrary<string> =>
  fc.array(statement(place), { maxLength: 3 }).map((all) => all.join('\n'));

const block = (place: Place): fc.Arbitrary<string> => list(place).map((inside) => `{ ${inside} }`);

/** A statement that can stand alone, behind `if` say: no declaration, no block's worth of them. */
const single = (place: Place): fc.Arbitrary<string> =>
  statement(place).map((text) => (/^(function|class|let_|l\d)/.test(text) ? `{ ${text} }` : text));

/** A random script that ends. */
export const randomScript: fc.Arbitrary<string> = fc
  .array(statement({ depth: 3, inLoop: false, labels: [] }), { maxLength: 4 })
  .map((all) => all.join('\n'));
