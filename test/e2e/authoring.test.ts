import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { ScriptExecution } from '../../src/api/types.generated.ts';
import { DocumentedProject, ORDERS, type OrderName } from '../support/documented-project.ts';
import { useNamespace } from './support/namespace.ts';

const namespace = useNamespace('authoring');
const NAMES = Object.keys(ORDERS) as OrderName[];
let project: DocumentedProject;
let here: Record<OrderName, ScriptExecution>;
let there: Record<OrderName, ScriptExecution>;

beforeAll(async () => {
  project = await DocumentedProject.make();
  const files = await project.build();
  here = await project.run(files);
  await namespace.runtime({ pool: { size: 1 } });
  for (const file of files) {
    await namespace.feed(readFileSync(join(project.path, file), 'utf8'), 'apply', '--server-side', '--validate=strict');
  }
  there = await namespace.ended(NAMES);
}, 600_000);
afterAll(() => project?.[Symbol.dispose]());

test('a project made by the docs has the same result on a cluster as here', () => {
  expect(there.right.status.result).toEqual({ total: 120, discount: 0.1, due: '2026-03-15' });
  expect(there.right.status.result).toEqual(here.right.status.result);
});

test.each([
  ['wrong-in-a-file', 'src/discount.ts', "new RangeError('the total"],
  ['wrong-in-a-package', 'node_modules/date-fns/formatISO.js', 'new RangeError('],
] as const)('an error is at its author’s place on a cluster: %s', (name, file, text) => {
  expect(there[name].status.error).toMatchObject(project.lineOf(file, text));
  expect(there[name].status.error).toEqual(here[name].status.error);
});
