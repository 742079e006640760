import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Registry } from 'prom-client';
import { EventRecorder, type EventRecorderOptions } from '../../../src/kube/events.ts';
import { promMetrics } from '../../../src/kube/prom.ts';
import { CONFIG_MAPS, EVENTS } from '../../../src/kube/resources.ts';
import { TestClient } from '../../api-server/client.ts';
import { clientOf } from './support/clients.ts';

const api = new TestClient();
const client = await clientOf();
let namespace: string;

beforeAll(async () => {
  namespace = await api.namespace('events');
});
afterAll(() => {
  client.close();
  api.close();
});

const failed = { type: 'Warning', reason: 'Failed', action: 'Run', note: 'it failed' } as const;
const about = (name: string) => client.create(CONFIG_MAPS, { metadata: { name, namespace } });
const recorder = (options: Partial<EventRecorderOptions> = {}): EventRecorder =>
  new EventRecorder({ client, controller: 'kube.test/tests', instance: 'tests-1', ...options });
const eventsOf = async (uid: string | undefined) => {
  const { items } = await client.list(EVENTS, { namespace });
  return items.filter(({ regarding }) => regarding?.uid === uid);
};

describe('an event', () => {
  test('is written once, counted on each repetition, and readable through both APIs', async () => {
    const object = await about('counted');
    const events = recorder();
    for (let time = 0; time < 5; time += 1) events.record(object, failed);
    await events.close();
    const [event, ...more] = await eventsOf(object.metadata.uid);
    expect(more).toEqual([]);
    expect(event).toMatchObject({ ...failed, series: { count: 5 }, reportingController: 'kube.test/tests' });
    const core = await api.request<{ items: { message: string; involvedObject: { name: string } }[] }>(
      'GET',
      `/api/v1/namespaces/${namespace}/events?fieldSelector=involvedObject.name=counted`,
    );
    expect(core.items).toEqual([expect.objectContaining({ message: 'it failed', reason: 'Failed', type: 'Warning' })]);
  });

  test('with another note is another event', async () => {
    const object = await about('noted');
    const events = recorder();
    events.record(object, failed);
    events.record(object, { ...failed, note: 'it failed otherwise' });
    await events.close();
    expect(await eventsOf(object.metadata.uid)).toHaveLength(2);
  });

  test('is dropped over the rate limit of its object, and counted', async () => {
    const registry = new Registry();
    const object = await about('noisy');
    const events = recorder({ burst: 3, metrics: promMetrics(registry) });
    for (let index = 0; index < 10; index += 1) events.record(object, { ...failed, note: `${index}` });
    await events.close();
    expect(await eventsOf(object.metadata.uid)).toHaveLength(3);
    const text = await registry.metrics();
    expect(text).toContain('event_recorder_events_total{result="dropped"} 7');
    expect(text).toContain('event_recorder_events_total{result="written"} 3');
  });

  test('that cannot be written is reported, and written at its next occurrence', async () => {
    const errors: unknown[] = [];
    const object = await about('failing');
    const events = recorder({ onError: (error) => errors.push(error) });
    const nowhere = { ...object, metadata: { ...object.metadata, namespace: 'no-such-namespace' } };
    events.record(nowhere, failed);
    await events.close();
    expect(errors).toEqual([expect.objectContaining({ status: 404 })]);
    events.record(object, failed);
    await events.close();
    expect(await eventsOf(object.metadata.uid)).toHaveLength(1);
  });
});
