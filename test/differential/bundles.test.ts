/**
 * Minified files of widely used npm packages beside Node's own `vm`: the same values, the same errors at the same places.
 *
 * Left out, because they can't be the same: files that ask for a browser's `window` or `self`; and errors that no
 * constructor of Error has made, whose `stack` is an ordinary property.
 */
import { beforeAll, expect, test } from '@jest/globals';
import { engineForTests } from '../integration/support/engine.ts';
import type { Bundle } from './bundles/bundle.ts';
import { BYTES } from './bundles/bytes.ts';
import { DATA } from './bundles/data.ts';
import { downloadPackages, fileOfPackage } from './bundles/download.ts';
import { type Ending, endingInNode, framesOf } from './bundles/node.ts';
import { programOf } from './bundles/program.ts';
import { TEXT } from './bundles/text.ts';

const BUNDLES = [...DATA, ...TEXT, ...BYTES];
const engine = engineForTests({ limits: { cpuTimeMs: 20_000, resultBytes: 256 << 10 } });
let globals: readonly string[];

beforeAll(async () => {
  downloadPackages(BUNDLES.map((bundle) => bundle.package));
  globals = (await engine.result('Object.getOwnPropertyNames(globalThis)')) as string[];
}, 400_000);

test('there are bundles of at least fifty packages', () => {
  expect(new Set(BUNDLES.map((bundle) => bundle.package)).size).toBeGreaterThanOrEqual(50);
});

test.each(BUNDLES.map((bundle) => [`${bundle.package} ${bundle.file}`, bundle] as const))(
  '%s',
  async (_, bundle) => {
    const text = fileOfPackage(bundle.package, bundle.file);
    for (const expression of bundle.values) {
      const { node, here } = await endings(bundle, text, expression);
      expect({ expression, ...node }).toEqual({ expression, value: expect.any(String) });
      expect({ expression, ...here }).toEqual({ expression, ...node });
    }
    const { node, here } = await endings(bundle, text, bundle.throws);
    expect(node.frames?.length).toBeGreaterThan(0);
    expect(here).toEqual(node);
  },
  120_000,
);

async function endings(bundle: Bundle, text: string, expression: string): Promise<{ node: Ending; here: Ending }> {
  const program = programOf(bundle, text, expression);
  const node = await endingInNode(program, globals);
  const { result, error } = await engine.runtime.execute(program);
  if (error === undefined) return { node, here: { value: JSON.stringify(result) } };
  return { node, here: { error: error.message, frames: framesOf(error.stack, program) } };
}
