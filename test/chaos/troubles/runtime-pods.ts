import type { PodProcess } from '../cluster/pod-processes.ts';
import { shell } from '../cluster/shell.ts';
import { deletePod, killProcess } from './kill.ts';
import { type Scene, seconds, type Trouble } from './trouble.ts';

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

/** A runtime pod goes, in one way or another, or stands still for a while. */
export const runtimePodGoes: Trouble = {
  every: [seconds(8), seconds(14)],
  inflict: async (scene) => {
    const target = scene.random.pick(scene.cluster.processes(scene.namespace, 'runtime'));
    const way = scene.random.pick(WAYS);
    if (target === undefined || way === undefined) return undefined;
    const [what, how] = way;
    await how(scene, target);
    return what;
  },
};

/** One sandbox is killed; the others of its pod go on. */
export const sandboxKilled: Trouble = {
  every: [seconds(2), seconds(6)],
  inflict: async ({ cluster, namespace, random }) => {
    const target = random.pick(cluster.processes(namespace, 'sandbox'));
    if (target === undefined) return undefined;
    process.kill(target.pid, 'SIGKILL');
    return 'sandbox process killed';
  },
};
