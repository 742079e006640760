import { pause } from '../../../src/kube/pause.ts';
import { shellsEnded } from '../cluster/shell.ts';
import { connectionsCut } from './connections.ts';
import { apiServerKilled, etcdKilled } from './control-plane.ts';
import type { Fault, Scene } from './fault.ts';
import { leaderPaused, operatorKilled } from './operators.ts';
import { runtimePodFails, sandboxKilled } from './runtime-pods.ts';

/** Each fault has its own schedule, so that faults overlap in all combinations. */
const FAULTS: Readonly<Record<string, Fault>> = {
  operatorKilled,
  leaderPaused,
  runtimePodFails,
  sandboxKilled,
  apiServerKilled,
  etcdKilled,
  connectionsCut,
};

/** An injected fault and its time, in milliseconds since the epoch. */
export interface InjectedFault {
  readonly from: number;
  readonly to: number;
  readonly what: string;
}

/** Injects faults until the scene's signal is aborted; resolves when all are undone. Reports each fault. */
export async function injectFaults(scene: Scene, told: (injected: InjectedFault) => void): Promise<void> {
  const streams = Object.entries(FAULTS).map(async ([name, { every, inject }]) => {
    const random = scene.random.fork(name);
    for (;;) {
      await pause(random.between(...every), scene.signal);
      if (scene.signal.aborted) return;
      const from = Date.now();
      try {
        const what = await inject({ ...scene, random });
        if (what !== undefined) told({ from, to: Date.now(), what });
      } catch (error) {
        // The target has exited, or the run is over.
        if (!scene.signal.aborted)
          told({ from, to: Date.now(), what: `(not done) ${name}: ${(error as Error).message}` });
      }
    }
  });
  await Promise.all(streams);
  await shellsEnded();
}
