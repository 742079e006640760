import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { readAuditLog } from '../../api-server/audit.ts';
import { currentConnection } from '../../api-server/connection.ts';
import { ApiProxy } from './support/api-proxy.ts';
import { Cluster } from './support/cluster.ts';
import { expectOnce } from './support/exactly-once.ts';
import { counted } from './support/journal.ts';
import { names } from './support/names.ts';

const NAMES = names('run', 80);

let cluster: Cluster;
let proxy: ApiProxy;

beforeAll(async () => {
  cluster = await Cluster.create();
  proxy = await ApiProxy.start();
  await (await cluster.startOperator({ server: proxy.url })).leads();
  await cluster.makeRuntime('default', { pool: { size: 2 } });
}, 60_000);
afterAll(async () => {
  await cluster?.close();
  await proxy?.close();
});

test('executions that are written to constantly each complete once and keep the written fields', async () => {
  for (const name of NAMES) await cluster.executions.create(name, { source: counted(name, 20) });
  let isOver = false;
  const written = new Set<string>();
  async function write(name: string, turn: number): Promise<void> {
    const metadata = { labels: { turn: String(turn) }, annotations: { note: `turn ${turn}` } };
    await cluster.executions.patch(name, { metadata, spec: { priority: turn % 5 } });
    written.add(name);
  }
  /** Writes to each of them repeatedly. */
  async function bother(offset: number): Promise<void> {
    for (let turn = offset; !isOver; turn += 1) {
      await write(NAMES[(turn * 7) % NAMES.length] as string, turn);
    }
  }
  const bothering = [bother(0), bother(20), bother(40), bother(60)];
  // And to some of them while the operator's write is in flight.
  const crossed = new Set(NAMES.filter((_, index) => index % 4 === 0));
  proxy.slownessMs = ({ resource, url }) => {
    const name = url.pathname.split('/').at(-2) ?? '';
    if (resource !== 'scriptexecutions/status' || !crossed.delete(name)) return 0;
    bothering.push(write(name, 1000));
    return 100;
  };
  // Started now, so that all executions are claimed, run and recorded during the writes.
  await Promise.all([cluster.startPod(), cluster.startPod()]);

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
