import type { PodProcess } from '../cluster/pod-processes.ts';
import { shell } from '../cluster/shell.ts';
import { type Fault, type Scene, seconds } from './fault.ts';
import { deletePod, killProcess } from './kill.ts';

const PAUSE_S: readonly [number, number] = [2, 8];

const WAYS: readonly (readonly [what: string, how: (scene: Scene, target: PodProcess) => Promise<unknown>])[] = [
  ['runtime pod deleted', (scene, target) => deletePod(scene, target)],
  ['runtime pod deleted by force', (scene, target) => deletePod(scene, target, 0)],
  ["runtime pod's process killed", (scene, target) => killProcess(scene, target)],
  [
    "runtime pod's process paused",
    ({ random }, { pid }) => shell(`kill -STOP ${pid}; sleep ${random.between(...PAUSE_S)}; kill -CONT ${pid} || true`),
  ],
];

/** A runtime pod is deleted, killed or paused. */
export const runtimePodFails: Fault = {
  every: [seconds(8), seconds(14)],
  inject: async (scene) => {
    const target = scene.random.pick(scene.cluster.processes(scene.namespace, 'runtime'));
    const way = scene.random.pick(WAYS);
    if (target === undefined || way === undefined) return undefined;
    const [what, how] = way;
    await how(scene, target);
    return what;
  },
};

/** One sandbox is killed; the others of its pod continue. */
export const sandboxKilled: Fault = {
  every: [seconds(2), seconds(6)],
  inject: async ({ cluster, namespace, random }) => {
    const target = random.pick(cluster.processes(namespace, 'sandbox'));
    if (target === undefined) return undefined;
    process.kill(target.pid, 'SIGKILL');
    return 'sandbox process killed';
  },
};
