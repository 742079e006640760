import { beforeAll, expect, test } from '@jest/globals';
import { kubectl } from './support/kubectl.ts';
import { useNamespace } from './support/namespace.ts';

/** More for a longer look: COPEPOD_REAPED_KILLS=1000. */
const KILLS = Number(process.env.COPEPOD_REAPED_KILLS ?? 40);

const namespace = useNamespace('reaped');
beforeAll(async () => {
  await namespace.runtime({ replicas: 1, pool: { size: 2 } });
});

/**
 * A program for the pod's Node. Kills sandboxes, and at each twentieth time a zygote, which is the parent of others; then waits
 * until process 1 has reaped them, and prints how many it has killed and which processes have ended and are still there.
 */
const KILL_AND_LOOK = `
const { readdirSync, readFileSync } = require('node:fs');
const { setTimeout: sleep } = require('node:timers/promises');
function processes() {
  return readdirSync('/proc').filter((name) => /^[0-9]+$/.test(name)).flatMap((name) => {
    try {
      const stat = readFileSync('/proc/' + name + '/stat', 'latin1');
      const [state, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      return [{ pid: Number(name), state, parent: Number(parent) }];
    } catch {
      return [];
    }
  });
}
const zombies = () => processes().filter(({ state }) => state === 'Z');
const alive = () => processes().filter(({ pid, state }) => state !== 'Z' && pid !== 1 && pid !== process.pid);
async function main() {
  let killed = 0;
  for (let tries = 0; killed < ${KILLS} && tries < ${KILLS} * 100; tries++) {
    const zygotes = new Set(alive().filter(({ parent }) => parent === 1).map(({ pid }) => pid));
    const victims = killed % 20 === 10 ? [...zygotes] : alive().filter(({ parent }) => zygotes.has(parent)).map(({ pid }) => pid);
    const victim = victims[killed % Math.max(1, victims.length)];
    if (victim !== undefined) {
      try {
        process.kill(victim, 'SIGKILL');
        killed++;
      } catch {}
    }
    await sleep(20);
  }
  for (let i = 0; i < 200 && zombies().length > 0; i++) await sleep(50);
  console.log(JSON.stringify({ killed, zombies: zombies() }));
}
void main();
`;

test(
  'killed sandboxes and zygotes of a pod are reaped, and replaced while its container goes on',
  async () => {
    const [pod] = await namespace.list<{ metadata: { name: string } }>('pod');
    const name = pod?.metadata.name ?? '';
    const exec = ['--namespace', namespace.name, 'exec', '--stdin', name, '--', 'node', '-'];
    expect(JSON.parse(await kubectl(exec, { input: KILL_AND_LOOK }))).toEqual({ killed: KILLS, zombies: [] });

    const { status } = await namespace.outcome('afterwards', { source: '6 * 7' });
    expect(status).toMatchObject({ result: 42, claim: { podName: name } });
    const after = await namespace.get<{ status: { containerStatuses: { restartCount: number }[] } }>('pod', name);
    expect(after.status.containerStatuses.map(({ restartCount }) => restartCount)).toEqual([0]);
  },
  60_000 + KILLS * 1000,
);
