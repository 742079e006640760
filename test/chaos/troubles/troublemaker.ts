import { pause } from '../../../src/operator/kube/pause.ts';
import { shellsEnded } from '../cluster/shell.ts';
import { connectionsCut } from './connections.ts';
import { apiServerKilled, etcdKilled } from './control-plane.ts';
import { leaderPaused, operatorKilled } from './operators.ts';
import { runtimePodGoes, sandboxKilled } from './runtime-pods.ts';
import type { Scene, Trouble } from './trouble.ts';

/** Each goes its own way, so that they come together in all the ways there are. */
const TROUBLES: Readonly<Record<string, Trouble>> = {
  operatorKilled,
  leaderPaused,
  runtimePodGoes,
  sandboxKilled,
  apiServerKilled,
  etcdKilled,
  connectionsCut,
};

/** What was done, when: milliseconds since the epoch. */
export interface Inflicted {
  readonly from: number;
  readonly to: number;
  readonly what: string;
}

/** Makes trouble until the scene's signal ends; resolves when all of it is taken back. Gives what it did, as it does it. */
export async function makeTrouble(scene: Scene, told: (inflicted: Inflicted) => void): Promise<void> {
  const streams = Object.entries(TROUBLES).map(async ([name, { every, inflict }]) => {
    const random = scene.random.fork(name);
    for (;;) {
      await pause(random.between(...every), scene.signal);
      if (scene.signal.aborted) return;
      const from = Date.now();
      try {
        const what = await inflict({ ...scene, random });
        if (what !== undefined) told({ from, to: Date.now(), what });
      } catch (error) {
        // It has ended meanwhile, or the run has.
        if (!scene.signal.aborted)
          told({ from, to: Date.now(), what: `(not done) ${name}: ${(error as Error).message}` });
      }
    }
  });
  await Promise.all(streams);
  await shellsEnded();
}
