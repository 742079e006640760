import { createServer } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { isAlreadyExists, isConflict, isGone, isInvalid, isNotFound, isTimeout } from '../../../src/kube/api-error.ts';
import { KubeClient } from '../../../src/kube/client.ts';
import type { RequestRecord } from '../../../src/kube/client-options.ts';
import { parseKubeConfig } from '../../../src/kube/kube-config.ts';
import { controllerReference, isControlledBy } from '../../../src/kube/owner-references.ts';
import { CONFIG_MAPS, type ConfigMap, DEPLOYMENTS, NAMESPACES, PODS } from '../../../src/kube/resources.ts';
import { TestClient } from '../../api-server/client.ts';
import { clientOf, serverPort } from './support/clients.ts';
import { startTcpProxy, type TcpProxy } from './support/tcp-proxy.ts';
import { THING_DEFINITION, THINGS } from './support/things.ts';

const api = new TestClient();
const requests: RequestRecord[] = [];
const client = await clientOf({ onRequest: (request) => requests.push(request) });
let namespace: string;

beforeAll(async () => {
  namespace = await api.namespace('client');
  await api.establish(THING_DEFINITION);
});
afterAll(() => {
  client.close();
  api.close();
});

const configMap = (name: string, data: Record<string, string> = {}): ConfigMap => ({
  metadata: { name, namespace, labels: { test: 'client' } },
  data,
});

describe('a client', () => {
  test('creates, reads, replaces and deletes objects', async () => {
    const made = await client.create(CONFIG_MAPS, configMap('life', { a: '1' }));
    expect(made).toMatchObject({ kind: 'ConfigMap', metadata: { uid: expect.any(String) }, data: { a: '1' } });
    const changed = await client.replace(CONFIG_MAPS, { ...made, data: { a: '2' } });
    expect(await client.get(CONFIG_MAPS, { namespace, name: 'life' })).toEqual(changed);
    await client.delete(CONFIG_MAPS, { namespace, name: 'life' });
    expect(await client.find(CONFIG_MAPS, { namespace, name: 'life' })).toBeUndefined();
  });

  test('classifies errors', async () => {
    const ref = { namespace, name: 'errors' };
    const made = await client.create(CONFIG_MAPS, configMap('errors'));
    await client.replace(CONFIG_MAPS, { ...made, data: { a: '1' } });
    const failures: [unknown, (error: unknown) => boolean][] = [
      [client.get(CONFIG_MAPS, { namespace, name: 'none' }), isNotFound],
      [client.create(CONFIG_MAPS, configMap('errors')), isAlreadyExists],
      [client.replace(CONFIG_MAPS, { ...made, data: { a: '2' } }), isConflict],
      [client.delete(CONFIG_MAPS, ref, { uid: 'another' }), isConflict],
      [client.create(CONFIG_MAPS, configMap('No Good Name')), isInvalid],
      [client.jsonPatch(CONFIG_MAPS, ref, [{ op: 'test', path: '/data/a', value: 'other' }]), isInvalid],
    ];
    for (const [failure, is] of failures) {
      const error = await (failure as Promise<unknown>).then(
        () => 'no error',
        (reason) => reason,
      );
      expect(error).toBeInstanceOf(Error);
      expect(is(error)).toBe(true);
    }
    await expect(client.get(CONFIG_MAPS, { namespace, name: 'none' })).rejects.toMatchObject({
      name: 'ApiError',
      status: 404,
      reason: 'NotFound',
      message: 'configmaps "none" not found',
      details: { name: 'none', kind: 'configmaps' },
    });
  });

  test('patches an object by JSON Patch, nulls included', async () => {
    await client.create(CONFIG_MAPS, configMap('patch', { a: '1' }));
    const ref = { namespace, name: 'patch' };
    const patched = await client.jsonPatch(CONFIG_MAPS, ref, [
      { op: 'test', path: '/data/a', value: '1' },
      { op: 'replace', path: '/data/a', value: '2' },
      { op: 'add', path: '/data/b', value: '3' },
    ]);
    expect(patched.data).toEqual({ a: '2', b: '3' });
  });

  test('lists page by page, by selector, and maps each object', async () => {
    const names = Array.from({ length: 25 }, (_, index) => `page-${String(index).padStart(2, '0')}`);
    await Promise.all(names.map((name) => client.create(CONFIG_MAPS, { ...configMap(name), data: { name } })));
    const before = requests.length;
    const selection = {
      namespace,
      fieldSelector: 'metadata.name!=page-03',
      labelSelector: 'test=client',
      pageSize: 10,
    };
    const { items, resourceVersion } = await client.list(CONFIG_MAPS, { ...selection, map: ({ data }) => data?.name });
    expect(items.filter(Boolean).toSorted()).toEqual(names.filter((name) => name !== 'page-03'));
    expect(resourceVersion).toMatch(/^\d+$/);
    expect(requests.length - before).toBeGreaterThanOrEqual(3);
    const whole = await client.list(CONFIG_MAPS, { namespace, pageSize: 0 });
    expect(whole.items[0]).toMatchObject({ apiVersion: 'v1', kind: 'ConfigMap' });
  });

  test('watches changes after a resource version until the signal is aborted', async () => {
    const made = await client.create(CONFIG_MAPS, configMap('watched', { a: '1' }));
    const stop = new AbortController();
    const seen: string[] = [];
    const from = { namespace, resourceVersion: made.metadata.resourceVersion ?? '', signal: stop.signal };
    const watching = (async () => {
      for await (const event of client.watch(CONFIG_MAPS, from)) {
        seen.push(event.type);
        if (event.type === 'DELETED') stop.abort();
      }
    })();
    await client.replace(CONFIG_MAPS, { ...made, data: { a: '2' } });
    await client.delete(CONFIG_MAPS, { namespace, name: 'watched' });
    await watching;
    expect(seen).toEqual(['MODIFIED', 'DELETED']);
  });

  test('reports that a resource version is too old to watch from', async () => {
    await client.list(THINGS, { namespace }); // the server needs a moment for a new kind
    const watching = client.watch(THINGS, { namespace, resourceVersion: '1' });
    const error = await watching.next().catch((reason) => reason);
    expect(isGone(error)).toBe(true);
  });

  test('aborts a watch without data', async () => {
    const { resourceVersion } = await client.list(CONFIG_MAPS, { namespace });
    const silent = client.watch(CONFIG_MAPS, { namespace, resourceVersion, idleTimeoutMs: 300 });
    const error = await silent.next().catch((reason) => reason);
    expect(isTimeout(error)).toBe(true);
  });

  test('counts each request by verb, resource and code', async () => {
    requests.length = 0;
    await client.create(CONFIG_MAPS, configMap('counted'));
    await client.find(PODS, { namespace, name: 'none' });
    await client.list(CONFIG_MAPS, { namespace });
    await client.delete(CONFIG_MAPS, { namespace, name: 'counted' });
    expect(requests.map(({ verb, resource, code }) => `${verb} ${resource} ${code}`)).toEqual([
      'create configmaps 201',
      'get pods 404',
      'list configmaps 200',
      'delete configmaps 200',
    ]);
  });
});

describe('a status', () => {
  const pod = (name: string) => ({
    metadata: { name, namespace },
    spec: { containers: [{ name: 'main', image: 'none' }], automountServiceAccountToken: false },
  });

  test('is replaced, and nothing else with it', async () => {
    const made = await client.create(PODS, pod('status'));
    const written = await client.replaceStatus(PODS, {
      ...made,
      metadata: { ...made.metadata, labels: { not: 'taken' } },
      status: { phase: 'Running', message: 'fine' },
    });
    expect(written.status).toMatchObject({ phase: 'Running', message: 'fine' });
    expect(written.metadata.generation).toBe(made.metadata.generation);
    expect(requests.at(-1)).toMatchObject({ verb: 'update', resource: 'pods/status', code: '200' });
  });

  test('of an object that has changed since is a conflict', async () => {
    const made = await client.create(PODS, pod('stale'));
    await client.replaceStatus(PODS, { ...made, status: { phase: 'Running' } });
    const late = client.replaceStatus(PODS, { ...made, status: { phase: 'Failed' } });
    await expect(late).rejects.toMatchObject({ status: 409, reason: 'Conflict' });
    expect((await client.get(PODS, { namespace, name: 'stale' })).status?.phase).toBe('Running');
  });

  test('cannot be written without a resource version', async () => {
    await expect(client.replaceStatus(PODS, { ...pod('none'), status: {} })).rejects.toThrow(
      'needs metadata.resourceVersion',
    );
  });
});

describe('server-side apply', () => {
  const wanted = (data: Record<string, string>) => ({ metadata: { name: 'applied', namespace }, data });

  test("creates the object, changes and removes the manager's own fields, and keeps those of others", async () => {
    await client.apply(CONFIG_MAPS, wanted({ a: '1', b: '1' }), { fieldManager: 'one' });
    await client.apply(CONFIG_MAPS, wanted({ c: '1' }), { fieldManager: 'two' });
    const { data } = await client.apply(CONFIG_MAPS, wanted({ a: '2' }), { fieldManager: 'one' });
    expect(data).toEqual({ a: '2', c: '1' });
  });

  test('takes over the fields of other managers only with force', async () => {
    const theft = client.apply(CONFIG_MAPS, wanted({ c: '9' }), { fieldManager: 'three' });
    const error = await theft.catch((reason) => reason);
    expect(isConflict(error)).toBe(true);
    expect(error.message).toContain('conflict with "two"');
    expect(error.details.causes).toEqual([
      expect.objectContaining({ reason: 'FieldManagerConflict', field: '.data.c' }),
    ]);
    const { data } = await client.apply(CONFIG_MAPS, wanted({ c: '9' }), { fieldManager: 'three', force: true });
    expect(data).toMatchObject({ c: '9' });
  });

  test('of the same object twice changes nothing', async () => {
    const once = await client.apply(CONFIG_MAPS, wanted({ d: '1' }), { fieldManager: 'four' });
    const twice = await client.apply(CONFIG_MAPS, wanted({ d: '1' }), { fieldManager: 'four' });
    expect(twice.metadata.resourceVersion).toBe(once.metadata.resourceVersion);
  });

  test('creates children with an owner', async () => {
    const owner = await client.create(CONFIG_MAPS, configMap('owner'));
    const child = await client.apply(
      DEPLOYMENTS,
      {
        metadata: { name: 'child', namespace, ownerReferences: [controllerReference(owner)] },
        spec: {
          selector: { matchLabels: { app: 'x' } },
          template: { metadata: { labels: { app: 'x' } }, spec: { containers: [{ name: 'main', image: 'none' }] } },
        },
      },
      { fieldManager: 'one' },
    );
    expect(isControlledBy(child, owner)).toBe(true);
    expect(isControlledBy(child, { metadata: { uid: 'another' } })).toBe(false);
  });
});

describe('a guarded client', () => {
  test('asks the guard before each write, and never before a read', async () => {
    let allowed = true;
    const assertHeld = (): void => {
      if (!allowed) throw new Error('not the leader');
    };
    const guarded = client.guardedBy({ assertHeld, lost: new AbortController().signal });
    await guarded.create(CONFIG_MAPS, configMap('guarded'));
    allowed = false;
    const ref = { namespace, name: 'guarded' };
    const read = await guarded.get(CONFIG_MAPS, ref);
    await expect(guarded.replace(CONFIG_MAPS, read)).rejects.toThrow('not the leader');
    await expect(guarded.delete(CONFIG_MAPS, ref)).rejects.toThrow('not the leader');
    await client.replace(CONFIG_MAPS, read);
  });

  test('aborts all requests in flight, reads included, when its guard is lost', async () => {
    const proxy = await startTcpProxy(serverPort());
    const wired = await clientOf({ port: proxy.port });
    const lost = new AbortController();
    const guarded = wired.guardedBy({ assertHeld: () => {}, lost: lost.signal });
    await guarded.getPath('/version');
    proxy.freeze(true);
    const reading = guarded.find(CONFIG_MAPS, { namespace, name: 'any' });
    const writing = guarded.create(CONFIG_MAPS, configMap('frozen'));
    setTimeout(() => lost.abort(new Error('not the leader any more')), 50);
    await expect(reading).rejects.toThrow('not the leader any more');
    await expect(writing).rejects.toThrow('not the leader any more');
    wired.close();
    await proxy.close();
  });
});

describe('over an unreliable connection, a client', () => {
  let proxy: TcpProxy;
  let wired: KubeClient;

  beforeAll(async () => {
    proxy = await startTcpProxy(serverPort());
    wired = await clientOf({ port: proxy.port });
  });
  afterAll(async () => {
    wired.close();
    await proxy.close();
  });

  test('uses one connection for all its requests', async () => {
    const gets = Array.from({ length: 50 }, () => wired.get(NAMESPACES, { name: 'default' }));
    await Promise.all(gets);
    await wired.list(CONFIG_MAPS, { namespace });
    expect(proxy.connections).toBe(1);
  });

  test('continues to read after the connection was cut', async () => {
    const before = proxy.connections;
    proxy.cut();
    await wired.get(NAMESPACES, { name: 'default' });
    expect(proxy.connections).toBe(before + 1);
  });

  test('retries until the server accepts connections, writes included: nothing was sent', async () => {
    proxy.refuse(true);
    proxy.cut();
    await new Promise((resolve) => setTimeout(resolve, 50)); // a write on a connection that breaks may have taken effect
    const writing = wired.create(CONFIG_MAPS, configMap('patient'));
    setTimeout(() => proxy.refuse(false), 150);
    expect((await writing).metadata.name).toBe('patient');
  });

  test('times out on a silent server, and does not retry a write that may have taken effect', async () => {
    await wired.get(NAMESPACES, { name: 'default' });
    proxy.freeze(true);
    const startedAt = performance.now();
    const error = await wired.create(CONFIG_MAPS, configMap('silent'), { timeoutMs: 200 }).catch((reason) => reason);
    expect(isTimeout(error)).toBe(true);
    expect(performance.now() - startedAt).toBeLessThan(5000);
    proxy.freeze(false);
    proxy.cut();
  });

  test('aborts a request with its signal', async () => {
    await wired.get(NAMESPACES, { name: 'default' });
    proxy.freeze(true);
    const stop = new AbortController();
    const reading = wired.get(NAMESPACES, { name: 'default' }, { signal: stop.signal });
    setTimeout(() => stop.abort(new Error('no longer wanted')), 20);
    await expect(reading).rejects.toThrow('no longer wanted');
    proxy.freeze(false);
    proxy.cut();
    const early = AbortSignal.abort(new Error('never wanted'));
    await expect(wired.get(NAMESPACES, { name: 'default' }, { signal: early })).rejects.toThrow('never wanted');
  });
});

describe('a server without HTTP/2', () => {
  const answers: { status: number; headers?: Record<string, string>; body: unknown }[] = [];
  const got: string[] = [];
  const server = createServer((request, response) => {
    got.push(`${request.method} ${request.url} ${request.headers.authorization}`);
    const { status, headers, body } = answers.shift() ?? { status: 500, body: {} };
    response.writeHead(status, headers).end(JSON.stringify(body));
  });
  let old: KubeClient;

  beforeAll(async () => {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as { port: number };
    const cluster = { server: `http://127.0.0.1:${port}`, 'insecure-skip-tls-verify': true };
    const config = {
      clusters: [{ name: 'c', cluster }],
      users: [{ name: 'u', user: { username: 'me', password: 'secret' } }],
      contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }],
      'current-context': 'x',
    };
    old = KubeClient.to(await parseKubeConfig(JSON.stringify(config)));
  });
  afterAll(() => {
    old.close();
    server.closeAllConnections();
    server.close();
  });

  test('is used over HTTP/1.1, with the credentials of the kubeconfig', async () => {
    answers.push({ status: 200, body: { metadata: { name: 'default' } } });
    expect(await old.get(NAMESPACES, { name: 'default' })).toEqual({ metadata: { name: 'default' } });
    const basic = Buffer.from('me:secret').toString('base64');
    expect(got).toEqual([`GET /api/v1/namespaces/default Basic ${basic}`]);
  });

  test('that throttles gets the next request after Retry-After, writes included', async () => {
    answers.push({ status: 429, headers: { 'retry-after': '1' }, body: { kind: 'Status', code: 429 } });
    answers.push({ status: 201, body: { metadata: { name: 'made' } } });
    const startedAt = performance.now();
    await old.create(NAMESPACES, { metadata: { name: 'made' } });
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(999);
  });

  test('that fails causes a retry of reads, and an error for writes', async () => {
    answers.push({ status: 500, body: {} }, { status: 200, body: { metadata: { name: 'default' } } });
    await old.get(NAMESPACES, { name: 'default' });
    got.length = 0;
    answers.push({ status: 500, body: { kind: 'Status', message: 'etcdserver: request timed out' } });
    const writing = old.create(NAMESPACES, { metadata: { name: 'made' } });
    await expect(writing).rejects.toThrow('etcdserver: request timed out');
    expect(got).toHaveLength(1);
  });
});
