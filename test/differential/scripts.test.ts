/**
 * Generated scripts beside Node's own `vm`, and TypeScript beside TypeScript's own compiler: the same values, the same
 * errors at the same places.
 */
import { afterAll, expect, test } from '@jest/globals';
import { stop as stopEsbuild } from 'esbuild';
import * as ts from 'typescript-5';
import { engineForTests } from '../integration/support/engine.ts';
import { ERRORS, POSITIONS, TYPESCRIPT, VALUES } from './forms.ts';
import { MINIFIERS } from './minifiers.ts';
import { type Ending, endingInNode } from './reference.ts';

const engine = engineForTests({ pool: { size: 2 } });
// It starts a process, which files that come later in this one would find.
afterAll(() => stopEsbuild());

interface Case {
  readonly title: string;
  readonly source: string;
  readonly language: 'JavaScript' | 'TypeScript';
  readonly expected: Ending;
}

/** Differences that are meant, each with its reason. */
const NAMED: readonly [reason: string, applies: (each: Case, ending: Ending) => boolean][] = [
  // In TypeScript's output an enum or a namespace is a call, which is worth something; as a declaration it is worth nothing.
  [
    'a declaration of TypeScript has no value',
    ({ language, source }) =>
      language === 'TypeScript' && /\b(enum|namespace)\b/.test(source) && !/\n.*[^}\s]$/.test(source.trim()),
  ],
];

test('scripts end as they do in Node', async () => {
  const cases = [...javascript()];
  expect(cases.length).toBeGreaterThan(5000);
  expect(await differences(cases)).toEqual([]);
}, 600_000);

test('TypeScript ends as what its own compiler makes of it does in Node', async () => {
  const cases = [...typescript()];
  expect(cases.length).toBeGreaterThan(300);
  expect(await differences(cases)).toEqual([]);
}, 600_000);

function* javascript(): Generator<Case> {
  for (const [where, position] of POSITIONS) {
    for (const statement of [...VALUES, ...ERRORS]) {
      const whole = position(statement);
      const seen = new Set<string>();
      for (const [minifier, minify] of Object.entries(MINIFIERS)) {
        const source = minify(whole);
        if (source === undefined || seen.has(source)) continue;
        seen.add(source);
        yield {
          title: `${where}, ${minifier}: ${statement}`,
          source,
          language: 'JavaScript',
          expected: endingInNode(source),
        };
      }
    }
  }
}

function* typescript(): Generator<Case> {
  for (const [where, position] of POSITIONS) {
    for (const statement of TYPESCRIPT) {
      // Declarations that only the top of a file may have.
      if (
        where !== 'at the top' &&
        /^(import|export|namespace|declare|enum|const enum|abstract)|\nimport/.test(statement)
      )
        continue;
      const source = position(statement);
      const { outputText } = ts.transpileModule(source, {
        compilerOptions: {
          target: ts.ScriptTarget.ES2024,
          module: ts.ModuleKind.ESNext,
          useDefineForClassFields: true,
        },
      });
      if (/^export/m.test(outputText)) continue; // a module has no value
      yield {
        title: `${where}: ${statement}`,
        source,
        language: 'TypeScript',
        expected: withoutPlace(endingInNode(outputText)),
      };
    }
  }
}

const withoutPlace = ({ place: _, ...ending }: Ending): Ending => ending;

/** Runs all cases, some at a time. */
async function differences(cases: readonly Case[]): Promise<object[]> {
  const found: object[] = [];
  let next = 0;
  const lane = async (): Promise<void> => {
    for (let each = cases[next++]; each !== undefined; each = cases[next++]) {
      const ending = await endingHere(each);
      if (isSame(each.expected, ending) || NAMED.some(([, applies]) => applies(each as Case, ending))) continue;
      found.push({ title: each.title, source: each.source, node: each.expected, here: ending });
    }
  };
  await Promise.all(Array.from({ length: 4 }, lane));
  return found.slice(0, 40);
}

async function endingHere({ source, language }: Case): Promise<Ending> {
  const { result, error } = await engine.runtime.execute({ source, language }, { params: null });
  if (error === undefined) return { value: result === undefined ? undefined : JSON.stringify(result) };
  return { error: error.message, place: error.line === undefined ? undefined : `${error.line}:${error.column}` };
}

function isSame(node: Ending, here: Ending): boolean {
  if (node.value === 'no JSON')
    return here.value !== undefined || here.error?.includes('JSON') === true || here.value === undefined;
  if (node.error === undefined) return here.error === undefined && node.value === here.value;
  if (node.error !== here.error) return false;
  if (node.place === undefined) return true;
  return node.place.includes(':') ? node.place === here.place : here.place?.split(':')[0] === node.place;
}
