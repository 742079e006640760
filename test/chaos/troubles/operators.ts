import { pause } from '../../../src/operator/kube/pause.ts';
import { OPERATOR } from '../cluster/chaos-cluster.ts';
import { shell } from '../cluster/shell.ts';
import { killProcess } from './kill.ts';
import { type Scene, seconds, type Trouble } from './trouble.ts';

/** More than a lease lasts: 15 s. */
const PAUSE_S: readonly [number, number] = [16, 22];
const LEADER_SHARE = 0.4;
const PATIENCE_MS = 30_000;
const LOOK_EVERY_MS = 100;

/**
 * An operator's process is killed: the leader's, or the one that waits. Not while nothing has run since the last time, or for a while:
 * on a machine that is busy they would never be more than about to start.
 */
export const operatorKilled: Trouble = {
  every: [seconds(3), seconds(8)],
  inflict: async (scene) => {
    await somethingRuns(scene);
    const isLeader = scene.random.chance(LEADER_SHARE);
    const chosen = operators(scene).find(({ pod }) => (pod === scene.cluster.leader) === isLeader);
    if (chosen === undefined) return undefined;
    await killProcess(scene, chosen);
    return isLeader ? 'leading operator killed' : 'waiting operator killed';
  },
};

/** The leader stands still for longer than its lease, and goes on as if nothing had been. */
export const leaderPaused: Trouble = {
  every: [seconds(60), seconds(90)],
  inflict: async (scene) => {
    const leader = operators(scene).find(({ pod }) => pod === scene.cluster.leader);
    if (leader === undefined) return undefined;
    const forSeconds = scene.random.between(...PAUSE_S);
    await shell(`kill -STOP ${leader.pid}; sleep ${forSeconds}; kill -CONT ${leader.pid} || true`);
    return 'leading operator paused past its lease';
  },
};

async function somethingRuns({ counted, signal }: Scene): Promise<void> {
  const before = counted();
  for (const end = performance.now() + PATIENCE_MS; counted() === before && performance.now() < end; ) {
    await pause(LOOK_EVERY_MS, signal);
    signal.throwIfAborted();
  }
}

const operators = ({ cluster }: Scene) => cluster.processes(OPERATOR.namespace, 'operator');
