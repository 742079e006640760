import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { eventually } from '../../support/until.ts';
import { Cluster } from '../operator/support/cluster.ts';
import { counted, gated } from '../operator/support/journal.ts';
import { type GatewayAnswer, GatewayProcess, outcomeOf } from './support/gateway-process.ts';

/** Each starts gateways and pods, on a machine whose cores may be busy. */
jest.setTimeout(240_000);

let cluster: Cluster;

beforeAll(async () => {
  cluster = await Cluster.create();
  await (await cluster.startOperator()).leads();
}, 120_000);
afterAll(() => cluster?.close());

/** What a client is told: the outcome, the code of a refusal, or nothing. With the reason why a sandbox was lost, which nothing here kills. */
const told = async (answer: Promise<GatewayAnswer>): Promise<string> =>
  answer.then(
    (each) => {
      const outcome = outcomeOf(each) ?? String(each.code);
      return outcome === 'SandboxLost' ? `${outcome}: ${each.body.error?.message}` : outcome;
    },
    () => 'connection lost',
  );

function countsOf(answers: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const each of answers) counts[each] = (counts[each] ?? 0) + 1;
  return counts;
}

describe('while pods are killed', () => {
  test('each request is answered once, no script runs twice, and none hangs', async () => {
    await cluster.makeRuntime('pods', { pool: { size: 2 } });
    const pods = [await cluster.startPod('pods'), await cluster.startPod('pods')];
    const gateway = await GatewayProcess.start(cluster);
    const labels = Array.from({ length: 120 }, (_, index) => `pods-${index}`);
    let next = 0;
    const answers: string[] = [];
    const client = async (): Promise<void> => {
      for (let label = labels[next++]; label !== undefined; label = labels[next++]) {
        answers.push(await told(gateway.execute({ source: counted(label, 20) }, { runtime: 'pods' })));
      }
    };
    const load = Promise.all(Array.from({ length: 8 }, client));
    for (const pod of pods) {
      const before = answers.length;
      await eventually(() => expect(answers.length).toBeGreaterThan(before + 10));
      await pod.restart();
    }
    await load;
    await gateway.close();

    const counts = countsOf(answers);
    expect(answers).toHaveLength(labels.length);
    expect(Object.keys(counts).filter((each) => !['Completed', 'PodLost', '429', '503'].includes(each))).toEqual([]);
    expect(counts.Completed).toBeGreaterThan(50);
    expect(labels.filter((label) => cluster.journal.runsOf(label) > 1)).toEqual([]);
  });
});

describe('while a gateway is killed', () => {
  test('the other one answers, no script runs twice, and the scripts of the killed one are cancelled', async () => {
    await cluster.makeRuntime('gateways', { pool: { size: 2 } });
    await cluster.startPod('gateways');
    const [doomed, other] = [await GatewayProcess.start(cluster), await GatewayProcess.start(cluster)];
    const lost = told(doomed.execute({ source: gated('doomed') }, { runtime: 'gateways' }));
    await eventually(() => expect(cluster.journal.runsOf('doomed')).toBe(1));
    await doomed.close();

    expect(await lost).toBe('connection lost');
    await eventually(() => expect(cluster.journal.wasStoppedAt('doomed')).toBe(true));
    expect(await told(other.execute({ source: '1' }, { runtime: 'gateways' }))).toBe('Completed');
    expect(cluster.journal.runsOf('doomed')).toBe(1);
    await other.close();
  });
});

describe('while gateways and pods are killed', () => {
  test('each request is answered once or its connection breaks, no script runs twice, and none hangs', async () => {
    await cluster.makeRuntime('storm', { pool: { size: 2 } });
    const pods = [await cluster.startPod('storm'), await cluster.startPod('storm')];
    const gateways = [await GatewayProcess.start(cluster), await GatewayProcess.start(cluster)];
    const labels: string[] = [];
    const answers: string[] = [];
    let isOver = false;
    const client = async (_: unknown, number: number): Promise<void> => {
      while (!isOver) {
        const gateway = gateways[number % gateways.length] as GatewayProcess;
        const label = `storm-${labels.length}`;
        labels.push(label);
        answers.push(await told(gateway.execute({ source: counted(label, 10) }, { runtime: 'storm' })));
      }
    };
    const load = Promise.all(Array.from({ length: 8 }, client));
    const someAnswers = async (): Promise<void> => {
      const before = answers.length;
      await eventually(() => expect(answers.length).toBeGreaterThan(before + 20), 90_000);
    };
    try {
      for (const victim of [0, 1]) {
        await someAnswers();
        const doomed = gateways[victim];
        gateways[victim] = await GatewayProcess.start(cluster);
        await doomed?.kill();
        await someAnswers();
        await pods[victim]?.restart();
      }
      await someAnswers();
    } finally {
      isOver = true;
      await load;
      await Promise.all(gateways.map((gateway) => gateway.close()));
    }

    const counts = countsOf(answers);
    expect(answers).toHaveLength(labels.length);
    const allowed = ['Completed', 'PodLost', '429', '503', 'connection lost'];
    expect(Object.keys(counts).filter((each) => !allowed.includes(each))).toEqual([]);
    const ran = countsOf(cluster.journal.ran());
    expect(labels.filter((label) => (ran[label] ?? 0) > 1)).toEqual([]);
    expect(labels.filter((label) => ran[label] === 1).length).toBeGreaterThanOrEqual(counts.Completed ?? 0);
    expect(counts.Completed).toBeGreaterThan(50);
  });
});

describe('on SIGTERM', () => {
  test('a gateway answers every open request, and then exits', async () => {
    await cluster.makeRuntime('drain', { pool: { size: 2 } });
    await cluster.startPod('drain');
    const gateway = await GatewayProcess.start(cluster);
    const labels = ['drain-0', 'drain-1', 'drain-2', 'drain-3', 'drain-4', 'drain-5'];
    const answers = labels.map((label) => told(gateway.execute({ source: gated(label) }, { runtime: 'drain' })));
    // Two run, two are on the pod, and two wait in the gateway.
    await eventually(async () => {
      const metrics = await gateway.metrics();
      const sum = (what: string): number => metrics.sum(`copepod_gateway_requests_${what}`, { runtime: 'drain' });
      expect(sum('in_flight') + sum('waiting')).toBe(6);
    });
    const exited = gateway.end();
    await gateway.logged('draining');
    for (const label of labels) cluster.journal.open(label);

    expect(countsOf(await Promise.all(answers))).toEqual({ Completed: 6 });
    expect(await exited).toBe(0);
  });

  test('scripts that outlast the grace period are cancelled, and their clients are told', async () => {
    await cluster.makeRuntime('grace', { pool: { size: 1 } });
    await cluster.startPod('grace');
    const gateway = await GatewayProcess.start(cluster, ['--grace', '200ms']);
    const answer = gateway.execute({ source: gated('grace') }, { runtime: 'grace' });
    await eventually(() => expect(cluster.journal.runsOf('grace')).toBe(1));

    expect(await gateway.end()).toBe(0);
    expect(await answer).toMatchObject({ code: 503, body: { reason: 'ServiceUnavailable' } });
    await eventually(() => expect(cluster.journal.wasStoppedAt('grace')).toBe(true));
  });
});

describe('from zero', () => {
  test('200 requests at once wait until the operator has pods, and none is lost', async () => {
    await cluster.makeRuntime('zero', {
      pool: { size: 2 },
      autoscaling: { minReplicas: 0, maxReplicas: 2 },
    });
    const deployment = {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'copepod-zero', namespace: cluster.namespace },
    };
    const replicas = async (): Promise<unknown> =>
      ((await cluster.api.get(deployment)).spec as { replicas: number }).replicas;
    await eventually(async () => expect(await replicas()).toBe(0));
    const gateway = await GatewayProcess.start(cluster, ['--max-wait', '180s']);
    const labels = Array.from({ length: 200 }, (_, index) => `zero-${index}`);
    const answers = labels.map((label) => told(gateway.execute({ source: counted(label) }, { runtime: 'zero' })));
    // Only the gateway knows of them: no object says that pods are needed.
    await eventually(async () => expect(await replicas()).toBeGreaterThan(0));
    await cluster.startPod('zero');

    expect(countsOf(await Promise.all(answers))).toEqual({ Completed: 200 });
    const ran = countsOf(cluster.journal.ran());
    expect(labels.filter((label) => ran[label] !== 1)).toEqual([]);
    await gateway.close();
  });

  test('a request is refused when no pod comes in time', async () => {
    await cluster.makeRuntime('never');
    const gateway = await GatewayProcess.start(cluster, ['--max-wait', '300ms']);
    const answer = await gateway.execute({ source: '1' }, { runtime: 'never' });
    expect(answer).toMatchObject({
      code: 503,
      body: { reason: 'ServiceUnavailable' },
      headers: { 'retry-after': '5' },
    });
    await gateway.close();
  });
});

describe('overload', () => {
  test('what is too much is refused at once with Retry-After, and the rest is run', async () => {
    await cluster.makeRuntime('overload', { pool: { size: 1 } });
    await cluster.startPod('overload');
    const gateway = await GatewayProcess.start(cluster);
    // 2 on the pod and 100 in the queue.
    const answers = Array.from({ length: 140 }, () =>
      gateway.execute({ source: "await gate('overload'); 1" }, { runtime: 'overload' }),
    );
    const refused = new Set<GatewayAnswer>();
    for (const each of answers) void each.then((answer) => answer.code === 429 && refused.add(answer));
    await eventually(() => expect(refused.size).toBe(38));
    for (const { headers, body } of refused) {
      expect(headers['retry-after']).toBe('1');
      expect(body).toMatchObject({ kind: 'Status', reason: 'TooManyRequests' });
    }
    cluster.journal.open('overload');
    expect(countsOf(await Promise.all(answers.map(told)))).toEqual({ Completed: 102, 429: 38 });
    await gateway.close();
  });
});

describe('beside objects', () => {
  test('runs of both share pods, and each is acknowledged by its own', async () => {
    await cluster.makeRuntime('both', { pool: { size: 2 } });
    const pod = await cluster.startPod('both');
    const gateway = await GatewayProcess.start(cluster);
    const names = Array.from({ length: 10 }, (_, index) => `both-${index}`);
    const requests = names.map((name) =>
      told(gateway.execute({ source: counted(`request-${name}`, 10) }, { runtime: 'both' })),
    );
    for (const name of names) {
      await cluster.executions.create(name, { runtimeRef: { name: 'both' }, source: counted(name, 10) });
    }
    await cluster.executions.ended(names);
    expect(countsOf(await Promise.all(requests))).toEqual({ Completed: 10 });
    await eventually(async () => expect(await pod.unacknowledged()).toBe(0));
    expect(
      [...names, ...names.map((name) => `request-${name}`)].filter((label) => cluster.journal.runsOf(label) !== 1),
    ).toEqual([]);
    await gateway.close();
  });
});
