import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { ScriptExecution } from '../../src/api/types.generated.ts';
import { DocumentedProject, type OrderName } from '../support/documented-project.ts';

let project: DocumentedProject;
let files: string[];
let ended: Record<OrderName, ScriptExecution>;

beforeAll(async () => {
  project = await DocumentedProject.make();
  files = await project.build();
  ended = await project.run(files);
}, 600_000);
afterAll(() => project?.[Symbol.dispose]());

describe('a project made from nothing, as docs/authoring.md says', () => {
  test('has no type errors, and a test that passes', async () => {
    expect(project.typeErrors()).toBe('');
    expect((await project.copepod('test')).stdout).toMatch(/1 passed in/);
  }, 120_000);

  test('gives its result', () => {
    expect(ended.right.status.result).toEqual({ total: 120, discount: 0.1, due: '2026-03-15' });
  });

  test('shows a type error at its place', () => {
    project.write(
      'src/wrong.ts',
      "import { discount } from './discount.ts';\n\ndiscount([{ price: '60', qty: 2 }]);\n",
    );
    expect(project.typeErrors()).toMatch(/^src\/wrong\.ts\(3,13\): error TS2322/);
  }, 120_000);

  test.each([
    ['wrong-in-a-file', 'src/discount.ts', "new RangeError('the total", 'RangeError: the total is below 0'],
    ['wrong-in-a-package', 'node_modules/date-fns/formatISO.js', 'new RangeError(', 'RangeError: Invalid time value'],
  ] as const)(
    'shows an error at its place: %s',
    async (name, file, text, message) => {
      const { line } = project.lineOf(file, text);
      expect(ended[name].status.error).toMatchObject({ message, file, line });
      const { code, stdout } = await project.copepod('run', `${name}.json`);
      expect(stdout).toContain(`at ${file}:${line}:`);
      expect(stdout).toMatch(/> *\d+ \|.*throw new RangeError/);
      expect(code).toBe(1);
    },
    120_000,
  );
});
