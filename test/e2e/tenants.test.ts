import { beforeAll, describe, expect, test } from '@jest/globals';
import type { ScriptExecution } from '../../src/api/types.generated.ts';
import { kubectl, tryKubectl } from './support/kubectl.ts';
import { manyExecutions } from './support/many-executions.ts';
import { useNamespace } from './support/namespace.ts';
import { configMap, reasonOf } from './support/objects.ts';

const acme = useNamespace('acme');
const globex = useNamespace('globex');

/** Leaves a mark wherever a script can, and returns the marks it finds. */
const MARK = `
  const found = [globalThis.mark, Object.prototype.mark, Array.prototype.mark, console.mark, Math.mark].filter(Boolean);
  globalThis.mark = params.mark;
  for (const place of [Object.prototype, Array.prototype, console, Math]) try { place.mark = params.mark; } catch {}
  export default { found: found.map(String), tenant: context.tenant.id };`;

beforeAll(async () => {
  await Promise.all([acme, globex].map((each) => each.runtime({ pool: { size: 2 } })));
});

describe('two tenants with separate namespaces and runtimes', () => {
  test('run concurrently on their own pods, and find no trace of each other', async () => {
    const [ofAcme, ofGlobex] = await Promise.all(
      [acme, globex].map((each) =>
        each.run(manyExecutions('mark', 20, () => ({ source: MARK, params: { mark: each.name } }))),
      ),
    );
    for (const [namespace, ended] of [
      [acme, ofAcme],
      [globex, ofGlobex],
    ] as const) {
      const pods = (await namespace.list('pod')).map(({ metadata }) => metadata.name);
      for (const { status } of Object.values(ended ?? {})) {
        expect(status.result).toEqual({ found: [], tenant: namespace.name });
        expect(pods).toContain(status.claim?.podName);
      }
    }
  });

  test('cannot refer to objects in the other namespace', async () => {
    await acme.apply([configMap('secrets', { 'main.js': '"of acme"' })]);
    await acme.runtime({ pool: { size: 1 } }, 'special');
    await globex.start({
      'their-script': { sourceFrom: { configMapKeyRef: { name: 'secrets', key: 'main.js' } } },
      'their-runtime': { source: '1', runtimeRef: { name: 'special' } },
    });
    await globex.says('their-script', 'SourceNotFound');
    await globex.says('their-runtime', 'RuntimeNotFound');
  });
});

describe('two tenants in one runtime', () => {
  test('find no trace of each other in alternating executions', async () => {
    const tenants = ['tea-house', 'book-barn'];
    const ended = await acme.run(
      manyExecutions('turn', 30, (index) => ({
        source: MARK,
        params: { mark: tenants[index % 2] as string },
        context: { tenant: { id: tenants[index % 2] as string } },
      })),
    );
    const results = Object.values<ScriptExecution>(ended).map(({ status }) => status.result);
    expect(results.map((each) => (each as { found: string[] }).found)).toEqual(Array(30).fill([]));
  });

  test('are admitted by id', async () => {
    await acme.runtime({ pool: { size: 1 }, tenants: ['tea-house'] }, 'members-only');
    const spec = (id: string) => ({ source: '1', runtimeRef: { name: 'members-only' }, context: { tenant: { id } } });
    const ended = await acme.run({ member: spec('tea-house'), stranger: spec('book-barn') });
    expect([reasonOf(ended.member), reasonOf(ended.stranger)]).toEqual(['Completed', 'TenantRefused']);
  });
});

describe('users with the role edit in one namespace', () => {
  const can = async (verb: string, resource: string, namespace: string): Promise<string> => {
    const args = ['--namespace', namespace, 'auth', 'can-i', verb, ...resource.split(' ')];
    return (await tryKubectl(args, { as: 'ada' })).stdout.trim();
  };
  beforeAll(async () => {
    await kubectl(['--namespace', acme.name, 'create', 'rolebinding', 'ada', '--clusterrole=edit', '--user=ada']);
  });

  test.each([
    ['create', 'scriptexecutions.copepod.dev', 'yes', 'no'],
    ['get', 'scriptexecutions.copepod.dev', 'yes', 'no'],
    ['get', 'scriptruntimes.copepod.dev', 'yes', 'no'],
    ['create', 'scriptruntimes.copepod.dev', 'no', 'no'],
    ['update', 'scriptexecutions.copepod.dev --subresource=status', 'no', 'no'],
  ])('may they %s %s? there %s, in another %s', async (verb, resource, here, there) => {
    expect([await can(verb, resource, acme.name), await can(verb, resource, globex.name)]).toEqual([here, there]);
  });
});
