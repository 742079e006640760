import { beforeAll, describe, expect, test } from '@jest/globals';
import { expected, manifestsIn } from './support/example-files.ts';
import { useNamespace } from './support/namespace.ts';
import { conditionOf, configMap, type ExecutionSpec, reasonOf } from './support/objects.ts';

const namespace = useNamespace('sources');
beforeAll(async () => {
  await namespace.runtime({ pool: { size: 2 } });
});

const from = (name: string, key = 'main.js'): ExecutionSpec => ({ sourceFrom: { configMapKeyRef: { name, key } } });
const script = (name: string, source: string, labels?: Record<string, string>) =>
  configMap(name, { 'main.js': source }, labels);

const has = (spec: unknown, field: string): boolean => typeof spec === 'object' && spec !== null && field in spec;

test('the examples of scripts in ConfigMaps', async () => {
  const manifests = manifestsIn('examples').filter(
    ({ kind, spec }) =>
      kind === 'ConfigMap' || (kind === 'ScriptRuntime' && has(spec, 'imports')) || has(spec, 'sourceFrom'),
  );
  await namespace.apply(manifests);
  const executions = manifests.filter(({ kind }) => kind === 'ScriptExecution');
  const ended = await namespace.ended(executions.map(({ metadata }) => metadata.name));
  expect(executions.length).toBe(3);
  for (const each of executions) {
    const { status } = ended[each.metadata.name] as (typeof ended)[string];
    expect(status.result).toEqual(JSON.parse(expected(each, 'result') ?? ''));
    expect(status.sourceDigest).toMatch(/^sha256:[0-9a-f]{64}$/);
  }
});

describe('an execution without its source waits, and runs once the source exists', () => {
  const NO_CONFIG_MAP = 'with label copepod.dev/source: "true" was not found.';
  test.each<[string, string, () => Promise<unknown>, () => Promise<unknown>]>([
    ['when-made', NO_CONFIG_MAP, async () => {}, () => namespace.apply([script('when-made', '"made"')])],
    [
      'when-labelled',
      NO_CONFIG_MAP,
      () => namespace.apply([script('when-labelled', '"labelled"', {})]),
      () => namespace.kubectl('label', 'configmap', 'when-labelled', 'copepod.dev/source=true'),
    ],
    [
      'when-its-key-comes',
      'has no key "main.js" in its data.',
      () => namespace.apply([configMap('when-its-key-comes', { 'other.js': '1' })]),
      () => namespace.apply([script('when-its-key-comes', '"come"')]),
    ],
  ])('%s', async (name, problem, before, mend) => {
    await before();
    await namespace.start({ [name]: from(name) });
    const waiting = await namespace.says(name, 'SourceNotFound');
    expect(conditionOf(waiting, 'Succeeded')).toMatchObject({
      status: 'Unknown',
      message: `ConfigMap "${name}" ${problem}`,
    });
    await mend();
    const { status } = (await namespace.ended([name]))[name] as typeof waiting;
    expect(status).toMatchObject({ run: 1, attempts: 1, result: name.split('-').at(-1)?.replace('comes', 'come') });
  });
});

describe('a script is read at the start of its run', () => {
  test('a later change of the ConfigMap starts no run', async () => {
    await namespace.apply([script('later', '"first"')]);
    const first = await namespace.outcome('before', from('later'));
    await namespace.apply([script('later', '"second"')]);
    const second = await namespace.outcome('after', from('later'));
    expect([first.status.result, second.status.result]).toEqual(['first', 'second']);
    expect((await namespace.execution('before')).status).toEqual(first.status);
    expect(second.status.sourceDigest).not.toBe(first.status.sourceDigest);
  });

  test('a retry never runs a different script than the first attempt', async () => {
    await namespace.apply([script('changing', 'for (;;);')]);
    const limits = { timeout: '3s', cpuTime: '5s' };
    await namespace.runtime({ pool: { size: 2 }, limits: { cpuTime: '10s' } }, 'patient');
    await namespace.start({
      changing: { ...from('changing'), runtimeRef: { name: 'patient' }, limits, backoffLimit: 3 },
    });
    await namespace.says('changing', 'Running');
    await namespace.apply([script('changing', '"other"')]);
    const { changing } = await namespace.ended(['changing']);
    expect(reasonOf(changing)).toBe('SourceChanged');
    expect(changing.status).not.toHaveProperty('result');
    expect(changing.status).toMatchObject({ attempts: 1, attemptHistory: [{ attempt: 1, reason: 'TimeoutExceeded' }] });
  });
});
