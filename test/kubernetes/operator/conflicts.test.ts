import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { readAuditLog } from '../../api-server/audit.ts';
import { currentConnection } from '../../api-server/connection.ts';
import { Cluster } from './support/cluster.ts';
import { expectOnce } from './support/exactly-once.ts';
import { counted } from './support/journal.ts';

const NAMES = Array.from({ length: 80 }, (_, index) => `run-${index}`);

let cluster: Cluster;

beforeAll(async () => {
  cluster = await Cluster.create();
  await (await cluster.startOperator()).leads();
  await cluster.makeRuntime('default', { pool: { size: 2 } });
  await Promise.all([cluster.startPod(), cluster.startPod()]);
}, 60_000);
afterAll(() => cluster?.close());

test('executions that somebody writes to all the time end well, each once, and keep what was written', async () => {
  for (const name of NAMES) await cluster.executions.create(name, { source: counted(name, 20) });
  let isOver = false;
  const written = new Set<string>();
  /** Writes to each of them in turn, again and again. */
  async function bother(offset: number): Promise<void> {
    for (let turn = offset; !isOver; turn += 1) {
      const name = NAMES[(turn * 7) % NAMES.length] as string;
      const metadata = { labels: { turn: String(turn) }, annotations: { note: `turn ${turn}` } };
      await cluster.executions.patch(name, { metadata, spec: { priority: turn % 5 } });
      written.add(name);
    }
  }
  const bothering = [bother(0), bother(20), bother(40), bother(60)];

  const ended = await cluster.executions.endedWhileChanging(NAMES, 60_000);
  isOver = true;
  await Promise.all(bothering);
  expectOnce(ended, cluster.journal);

  const settled = await cluster.executions.ended(NAMES);
  expectOnce(settled, cluster.journal);
  const kept = settled
    .filter(({ metadata }) => metadata.labels?.turn !== undefined)
    .map(({ metadata }) => metadata.name);
  expect(new Set(kept)).toEqual(written);
  const refused = readAuditLog(join(currentConnection().directory, 'audit.log')).filter(
    ({ user, resource, code }) => user === cluster.user && resource === 'scriptexecutions/status' && code === 409,
  );
  expect(refused.length).toBeGreaterThan(0);
}, 90_000);
