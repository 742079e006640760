import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { ScriptRuntime } from '../../../src/api/types.generated.ts';
import { eventually } from '../../support/until.ts';
import { Cluster } from './support/cluster.ts';
import { conditionOf } from './support/executions.ts';

let cluster: Cluster;

beforeAll(async () => {
  cluster = await Cluster.create();
  await (await cluster.startOperator()).leads();
  await cluster.makeRuntime('default', { pool: { size: 1 } });
  await cluster.startPod();
}, 60_000);
afterAll(() => cluster?.close());

const configMap = (name: string, data: Record<string, string>): Promise<void> => cluster.makeSource(name, data);

const from = (name: string, main = 'main.ts') => ({ sourceFrom: { configMapRef: { name, main } } });

const FILES = {
  'main.ts': [
    'import { vat } from "./vat.ts";',
    'import rates from "./rates.json" with { type: "json" };',
    'export default ({ net }: { net: number }): number => vat(net, rates.full);',
  ].join('\n'),
  'vat.ts': 'export const vat = (net: number, rate: number): number => (net * rate) / 100;',
  'rates.json': '{ "full": 19 }',
};

describe('a script of several files in a ConfigMap', () => {
  test('runs with TypeScript and JSON imports, whatever spec.language says', async () => {
    await configMap('invoice', FILES);
    await cluster.executions.create('invoice', { ...from('invoice'), params: { net: 200 } });
    const { status } = await cluster.executions.reaches('invoice', 'Completed');
    expect(status.result).toBe(38);
    expect(status.sourceDigest).toMatch(/^sha256:[0-9a-f]{64}$/);
  });

  test('has another sourceDigest when an imported file has changed; the change starts no run', async () => {
    await configMap('changing', FILES);
    await cluster.executions.create('first', { ...from('changing'), params: { net: 100 } });
    const first = await cluster.executions.reaches('first', 'Completed');
    await configMap('changing', { ...FILES, 'rates.json': '{ "full": 25 }' });
    await cluster.executions.create('second', { ...from('changing'), params: { net: 100 } });
    const second = await cluster.executions.reaches('second', 'Completed');
    expect([first.status.result, second.status.result]).toEqual([19, 25]);
    expect(second.status.sourceDigest).not.toBe(first.status.sourceDigest);
    expect((await cluster.executions.get('first')).status).toEqual(first.status);
  });

  test.each<[string, Record<string, string>, string, object, RegExp]>([
    [
      'thrown in an imported file',
      { 'vat.ts': '\nexport const vat = (net: number): number => { throw new Error("no " + net); };' },
      'RuntimeError',
      { file: 'vat.ts', line: 2, column: 53 },
      /no 200/,
    ],
    [
      'that does not compile in an imported file',
      { 'vat.ts': 'export const a = 1;\nexport const b = ];' },
      'CompilationError',
      { file: 'vat.ts', line: 2, column: 18 },
      /SyntaxError/,
    ],
    [
      'of an unknown specifier',
      { 'main.ts': 'import "./tax.ts"' },
      'CompilationError',
      { file: 'main.ts', line: 1 },
      /Cannot import '.\/tax.ts': there is '.\/(rates.json|vat.ts)', '.\/(rates.json|vat.ts)'/,
    ],
  ])('has the file, line and column of an error %s', async (title, changed, reason, place, message) => {
    const name = title.replaceAll(' ', '-');
    await configMap(name, { ...FILES, ...changed });
    await cluster.executions.create(name, { ...from(name), params: { net: 200 } });
    const { status } = await cluster.executions.reaches(name, reason);
    expect(status.error).toMatchObject(place);
    expect(status.error?.message).toMatch(message);
  });

  test('is not retried with other files than those of its first attempt', async () => {
    const endless = { 'main.ts': 'import "./loop.ts"', 'loop.ts': 'for (;;);' };
    await configMap('endless', endless);
    await cluster.executions.create('endless', {
      ...from('endless'),
      limits: { timeout: '2s', cpuTime: '1s' },
      backoffLimit: 3,
    });
    await cluster.executions.reaches('endless', 'Running');
    await configMap('endless', { ...endless, 'loop.ts': '1' });
    const { status } = await cluster.executions.reaches('endless', 'SourceChanged');
    expect(status).toMatchObject({ attempts: 1, attemptHistory: [{ attempt: 1 }] });
    expect(status).not.toHaveProperty('result');
  });

  test('waits for the ConfigMap and its main file', async () => {
    await cluster.executions.create('early', { ...from('early'), params: { net: 100 } });
    const waiting = await cluster.executions.reaches('early', 'SourceNotFound');
    expect(conditionOf(waiting, 'Succeeded')?.message).toContain('ConfigMap "early"');
    const { 'main.ts': main, ...others } = FILES;
    await configMap('early', others);
    await eventually(async () =>
      expect(conditionOf(await cluster.executions.get('early'), 'Succeeded')?.message).toBe(
        'ConfigMap "early" has no key "main.ts" in its data.',
      ),
    );
    await configMap('early', { ...others, 'main.ts': main });
    expect((await cluster.executions.reaches('early', 'Completed')).status.result).toBe(19);
  });

  test('of more than 1 MiB with the imports of its runtime is refused', async () => {
    await configMap('half', { 'main.ts': 'import "big"', 'a.js': `/*${'x'.repeat(600_000)}*/` });
    await configMap('other-half', { 'big.js': `/*${'x'.repeat(600_000)}*/` });
    const imports = { big: { configMapKeyRef: { name: 'other-half', key: 'big.js' } } };
    await cluster.makeRuntime('large', { pool: { size: 1 }, imports });
    await cluster.startPod('large');
    await cluster.executions.create('too-large', { ...from('half'), runtimeRef: { name: 'large' } });
    const { status } = await cluster.executions.reaches('too-large', 'LimitsRefused');
    expect(status.error?.message).toMatch(/files have 1200\d\d\d bytes; at most 1048576 are taken/);
  });
});

test('a ScriptSchedule starts a script of several files', async () => {
  await configMap('scheduled', FILES);
  const { namespace, api } = cluster;
  const executionTemplate = { spec: { ...from('scheduled'), params: { net: 300 } } };
  await api.apply({
    apiVersion: 'copepod.dev/v1alpha1',
    kind: 'ScriptSchedule',
    metadata: { name: 'nightly', namespace, annotations: { 'copepod.dev/trigger': 'once' } },
    spec: { schedule: '0 6 1 1 *', executionTemplate },
  });
  await eventually(async () => {
    const started = (await cluster.executions.list()).filter(({ metadata }) => metadata.name.startsWith('nightly-'));
    expect(started.map(({ status }) => status.result)).toEqual([57]);
  });
});

describe('the imports of a runtime', () => {
  const on = { runtimeRef: { name: 'importing' } };
  const imports: ScriptRuntime['spec']['imports'] = {
    '@acme/vat': { configMapKeyRef: { name: 'vat-library', key: 'vat.ts' } },
    rates: { configMapKeyRef: { name: 'vat-library', key: 'rates.json' } },
  };
  const source = [
    'import { vat } from "@acme/vat";',
    'import rates from "rates" with { type: "json" };',
    'export default ({ net }) => vat(net, rates.full);',
  ].join('\n');

  beforeAll(async () => {
    await cluster.makeRuntime('importing', { pool: { size: 1 }, imports });
    await cluster.startPod('importing');
  });

  test('are waited for; then inline scripts and those from ConfigMaps import them', async () => {
    await cluster.executions.create('inline', { ...on, source, params: { net: 100 } });
    const waiting = await cluster.executions.reaches('inline', 'SourceNotFound');
    expect(conditionOf(waiting, 'Succeeded')?.message).toBe(
      'ScriptRuntime "importing" imports "@acme/vat": ConfigMap "vat-library" with label copepod.dev/source: "true" was not found.',
    );
    await configMap('vat-library', { 'vat.ts': FILES['vat.ts'], 'rates.json': FILES['rates.json'] });
    const { status } = await cluster.executions.reaches('inline', 'Completed');
    expect(status.result).toBe(19);
    expect(status.sourceDigest).toMatch(/^sha256:/);
    await configMap('importing', { 'main.js': source });
    await cluster.executions.create('from-files', { ...on, ...from('importing', 'main.js'), params: { net: 200 } });
    expect((await cluster.executions.reaches('from-files', 'Completed')).status.result).toBe(38);
  });

  test('are what an unknown specifier’s error lists', async () => {
    await cluster.executions.create('unknown', { ...on, source: 'import "@acme/tax"' });
    const { status } = await cluster.executions.reaches('unknown', 'CompilationError');
    expect(status.error).toMatchObject({ file: 'unknown.js', line: 1, column: 8 });
    expect(status.error?.message).toContain("Cannot import '@acme/tax': there is '@acme/vat', 'rates'");
  });

  test('have names of their own in errors', async () => {
    await configMap('broken-library', {
      'vat.ts': '\nexport const vat = (): never => { throw new Error("broken"); };',
    });
    await cluster.makeRuntime('broken', {
      pool: { size: 1 },
      imports: { '@acme/vat': { configMapKeyRef: { name: 'broken-library', key: 'vat.ts' } } },
    });
    await cluster.startPod('broken');
    await cluster.executions.create('broken', {
      runtimeRef: { name: 'broken' },
      source: 'import { vat } from "@acme/vat";\nvat()',
    });
    const { status } = await cluster.executions.reaches('broken', 'RuntimeError');
    expect(status.error).toMatchObject({ file: '@runtime/broken-library/vat.ts', line: 2, message: 'Error: broken' });
  });
});
