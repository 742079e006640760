import { expect, test } from '@jest/globals';
import { createRuntime } from '../../src/index.ts';

/** A script of 200 KB. */
const FUNCTIONS = Array.from({ length: 1000 }, (_, i) => {
  const comment = '/* The sum of what it is given and its number, and a text that says so. */';
  return `function add${i}(n) {\n  ${comment}\n  const sum = n + ${i};\n  return { sum, label: 'the sum of two numbers', amounts: [n, ${i}, sum] };\n}\n`;
}).join('');

test('a process that is given one new script after the other lets go of the first ones, and stays', async () => {
  await using runtime = createRuntime({ pool: { size: 1, spares: 0 } });
  for (let i = 0; i < 120; i++) {
    const { result } = await runtime.execute({ source: `/* ${i} */${FUNCTIONS}add${i}(${i}).sum` });
    expect(result).toBe(2 * i);
  }
  expect(runtime.metrics().pool.created).toBe(1);
}, 120_000);

test('scripts and modules run by turns in one process, each as often as it is asked for', async () => {
  await using runtime = createRuntime({ pool: { size: 1, spares: 0 } });
  const scriptOf = (i: number): string => `/* ${i} */${FUNCTIONS}add${i}(params.n).sum`;
  const moduleOf = (i: number): string => `/* ${i} */${FUNCTIONS}export default ({ n }) => add${i}(n).sum`;
  for (let n = 0; n < 3; n++) {
    for (let i = 0; i < 8; i++) {
      for (const source of [scriptOf(i), moduleOf(i), `${moduleOf(i)}; import.meta`]) {
        expect(await runtime.execute({ source }, { params: { n } })).toMatchObject({ result: n + i });
      }
    }
  }
}, 120_000);

test('a script can import itself, as a module, after it has run', async () => {
  await using runtime = createRuntime({ pool: { size: 1, spares: 0 } });
  const source = `globalThis.runs = (globalThis.runs ?? 0) + 1; runs < 2 ? import('./script.js').then(() => runs) : undefined`;
  for (let i = 0; i < 2; i++) {
    expect(await runtime.execute({ name: 'script.js', source })).toMatchObject({ result: 2 });
  }
});
