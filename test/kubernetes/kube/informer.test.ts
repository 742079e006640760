import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { Registry } from 'prom-client';
import type { KubeClient } from '../../../src/kube/client.ts';
import { Informer, type InformerOptions } from '../../../src/kube/informer.ts';
import { promMetrics } from '../../../src/kube/prom.ts';
import { TestClient } from '../../api-server/client.ts';
import { until } from '../../support/until.ts';
import { clientOf, serverPort } from './support/clients.ts';
import { secondApiServer } from './support/second-api-server.ts';
import { startTcpProxy } from './support/tcp-proxy.ts';
import { THING_DEFINITION, THINGS, type Thing } from './support/things.ts';

const api = new TestClient();
const client = await clientOf();
let namespace: string;

beforeAll(async () => {
  await api.establish(THING_DEFINITION);
});
beforeEach(async () => {
  namespace = await api.namespace('informer');
});
afterAll(() => {
  client.close();
  api.close();
});

const thing = (name: string, value: unknown = 1): Thing => ({ metadata: { name, namespace }, spec: { value } });
const ref = (name: string) => ({ namespace, name });
const change = (name: string, value: unknown) =>
  client.jsonPatch(THINGS, ref(name), [{ op: 'add', path: '/spec/value', value }]);

/** An informer that runs until the end of the block, and the events its handlers received. */
class Followed implements AsyncDisposable {
  readonly told: string[] = [];
  readonly errors: unknown[] = [];
  readonly registry = new Registry();
  readonly informer: Informer<Thing>;
  readonly #stop = new AbortController();
  readonly #running: Promise<void>;

  constructor(from: KubeClient = client, options: Partial<InformerOptions<Thing>> = {}) {
    this.informer = new Informer({
      client: from,
      resource: THINGS,
      transform: (object) => object,
      namespaces: [namespace],
      onError: (error) => this.errors.push(error),
      backoff: { baseMs: 20, maxMs: 200 },
      metrics: promMetrics(this.registry),
      ...options,
    });
    this.informer.handle({
      added: ({ metadata, spec }) => this.told.push(`+${metadata.name}=${spec?.value}`),
      updated: ({ metadata, spec }, before) => this.told.push(`${metadata.name}=${before.spec?.value}>${spec?.value}`),
      deleted: ({ metadata }) => this.told.push(`-${metadata.name}`),
    });
    this.#running = this.informer.run(this.#stop.signal);
  }

  async synced(): Promise<void> {
    await this.informer.whenSynced(AbortSignal.timeout(20_000));
  }

  async hears(...told: string[]): Promise<void> {
    await until(`${told} in ${this.told}`, () => told.every((each) => this.told.includes(each))).catch(() => {});
    expect(this.told).toEqual(expect.arrayContaining(told));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }
}

describe('an informer', () => {
  test('lists page by page until synced, and then follows changes', async () => {
    await Promise.all(Array.from({ length: 7 }, (_, index) => client.create(THINGS, thing(`t${index}`))));
    await using followed = new Followed(client, { pageSize: 3 });
    expect(followed.informer.hasSynced).toBe(false);
    await followed.synced();
    expect(followed.informer.store.size).toBe(7);

    await client.create(THINGS, thing('new'));
    await change('t0', 2);
    await client.delete(THINGS, ref('t1'));
    await followed.hears('+new=1', 't0=1>2', '-t1');
    expect(followed.informer.store.get(ref('t0'))?.spec?.value).toBe(2);
    expect(followed.informer.store.get(ref('t1'))).toBeUndefined();
    expect(followed.informer.lastEventAgeMs).toBeLessThan(20_000);
    expect(followed.errors).toEqual([]);
  });

  test('watches only its namespaces, and has synced when all of them have', async () => {
    const other = await api.namespace('informer');
    const third = await api.namespace('informer');
    await client.create(THINGS, thing('here'));
    await client.create(THINGS, { ...thing('there'), metadata: { name: 'there', namespace: other } });
    await client.create(THINGS, { ...thing('elsewhere'), metadata: { name: 'elsewhere', namespace: third } });
    await using followed = new Followed(client, { namespaces: [namespace, other] });
    await followed.synced();
    expect([...followed.informer.store.keys()].toSorted()).toEqual([`${namespace}/here`, `${other}/there`].toSorted());
  });

  test('reports an object that its selector no longer matches as deleted', async () => {
    await client.create(THINGS, { ...thing('a'), metadata: { ...ref('a'), labels: { app: 'x' } } });
    await client.create(THINGS, thing('unlabelled'));
    await using followed = new Followed(client, { labelSelector: 'app=x' });
    await followed.synced();
    await client.jsonPatch(THINGS, ref('a'), [{ op: 'remove', path: '/metadata/labels/app' }]);
    await followed.hears('+a=1', '-a');
    expect(followed.informer.store.size).toBe(0);
  });

  test('stores the projection of its transform, and finds objects by index', async () => {
    await using followed = new Followed(client, {
      transform: ({ metadata, spec }) => ({
        metadata: { ...ref(metadata.name), uid: metadata.uid ?? '', resourceVersion: metadata.resourceVersion ?? '' },
        spec: { value: String(spec?.value).length },
      }),
      indexers: { length: ({ spec }) => [String(spec?.value)] },
    });
    await followed.synced();
    await client.create(THINGS, thing('a', 'x'.repeat(1000)));
    await followed.hears('+a=1000');
    expect([...followed.informer.store.by('length', '1000')]).toHaveLength(1);
    expect(JSON.stringify(followed.informer.store.get(ref('a'))).length).toBeLessThan(300);
  });

  test('continues after an error of a handler or transform, and reports it', async () => {
    await using followed = new Followed(client, {
      transform: (object) => {
        if (object.metadata.name === 'poison') throw new Error('bad transform');
        return object;
      },
    });
    followed.informer.handle({
      added: () => {
        throw new Error('bad handler');
      },
    });
    await client.create(THINGS, thing('poison'));
    await client.create(THINGS, thing('a'));
    await change('a', 2);
    await followed.hears('a=1>2');
    expect(followed.errors.map(String)).toContainEqual(expect.stringContaining(`${namespace}/poison cannot be read`));
    expect(followed.errors.map(String)).toContain('Error: bad handler');
    expect(followed.informer.store.get(ref('poison'))).toBeUndefined();
  });

  test('reports all cached objects to a handler added later', async () => {
    await client.create(THINGS, thing('a'));
    await using followed = new Followed();
    await followed.synced();
    const late: string[] = [];
    followed.informer.handle({ added: ({ metadata }) => late.push(metadata.name) });
    expect(late).toEqual(['a']);
  });

  test('observes a written object before the watch delivers it, but no older version and no deleted object', async () => {
    const made = await client.create(THINGS, thing('a'));
    await using followed = new Followed();
    await followed.synced();
    const { store } = followed.informer;
    const written = await change('a', 2);
    followed.informer.observe(written);
    expect(store.get(ref('a'))?.spec?.value).toBe(2);
    followed.informer.observe(made);
    expect(store.get(ref('a'))?.spec?.value).toBe(2);
    await client.delete(THINGS, ref('a'));
    await followed.hears('-a');
    followed.informer.observe(written);
    expect(store.size).toBe(0);
  });

  test('ends when the signal is aborted, and rejects whenSynced', async () => {
    const stop = new AbortController();
    const informer = new Informer({ client, resource: THINGS, transform: (object: Thing) => object });
    stop.abort(new Error('stopped'));
    await informer.run(stop.signal);
    await expect(informer.whenSynced(stop.signal)).rejects.toThrow('stopped');
  });
});

describe('under failures, an informer', () => {
  test('misses nothing when its connection is cut, without another list', async () => {
    const proxy = await startTcpProxy(serverPort());
    const wired = await clientOf({ port: proxy.port });
    {
      await using followed = new Followed(wired);
      await followed.synced();
      for (let round = 1; round <= 3; round += 1) {
        proxy.refuse(true);
        proxy.cut();
        await client.create(THINGS, thing(`missed-${round}`));
        if (round === 2) await client.delete(THINGS, ref('missed-1'));
        proxy.refuse(false);
        await followed.hears(`+missed-${round}=1`);
      }
      await followed.hears('-missed-1');
      expect(followed.informer.store.size).toBe(2);
      const metrics = await followed.registry.metrics();
      expect(metrics).toContain('reflector_lists_total{resource="things",result="success"} 1');
      expect(metrics).toMatch(/reflector_last_event_age_seconds\{resource="things"\} \d/);
    }
    wired.close();
    await proxy.close();
  });

  test('detects a silent server and continues over a new connection', async () => {
    const proxy = await startTcpProxy(serverPort());
    const wired = await clientOf({ port: proxy.port });
    {
      await using followed = new Followed(wired, { watch: { idleTimeoutMs: 300 } });
      await followed.synced();
      proxy.freeze(true);
      await client.create(THINGS, thing('while-silent'));
      await new Promise((resolve) => setTimeout(resolve, 500));
      proxy.freeze(false);
      proxy.cut();
      await followed.hears('+while-silent=1');
    }
    wired.close();
    await proxy.close();
  });

  test('starts as soon as the server is available', async () => {
    const proxy = await startTcpProxy(serverPort());
    proxy.refuse(true);
    const wired = await clientOf({ port: proxy.port });
    {
      await using followed = new Followed(wired);
      await client.create(THINGS, thing('a'));
      await until('an error', () => followed.errors.length >= 2);
      expect(followed.informer.hasSynced).toBe(false);
      proxy.refuse(false);
      await followed.hears('+a=1');
    }
    wired.close();
    await proxy.close();
  });

  test('lists again after a restart of the API server, and reports objects deleted meanwhile', async () => {
    const second = await secondApiServer();
    await second.start();
    const wired = await clientOf({ port: second.port });
    try {
      await using followed = new Followed(wired);
      await client.create(THINGS, thing('stays'));
      await client.create(THINGS, thing('before'));
      await followed.hears('+stays=1', '+before=1');
      await second.stop();
      await client.delete(THINGS, ref('before'));
      await client.create(THINGS, thing('meanwhile'));
      await second.start();
      await followed.hears('-before', '+meanwhile=1');
      await client.create(THINGS, thing('after'));
      await followed.hears('+after=1');
      expect(followed.told).toHaveLength(5);
      const metrics = await followed.registry.metrics();
      // At least once: while its own cache fills, a server that has just started may expire a watch again.
      expect(metrics).toMatch(/^reflector_lists_total\{resource="things",result="success"\} ([2-9]|\d\d)/m);
      expect(metrics).toMatch(/^reflector_watches_total\{resource="things",result="expired"\} [1-9]/m);
    } finally {
      wired.close();
      await second.stop();
    }
  }, 120_000);
});
