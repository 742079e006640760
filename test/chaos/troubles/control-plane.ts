import { fileURLToPath } from 'node:url';
import { shell } from '../cluster/shell.ts';
import { seconds, type Trouble } from './trouble.ts';

const SCRIPT = fileURLToPath(new URL('../cluster/control-plane.sh', import.meta.url));

/** How long it is away: for a moment most times, and now and then so long that the leader has to give up. */
const SHORT_S: readonly [number, number] = [0, 4];
const LONG_S: readonly [number, number] = [11, 14];
const LONG_SHARE = 0.25;

/** The API server's process is killed, and started again. */
export const apiServerKilled = killed('kube-apiserver', 'API server killed', [seconds(90), seconds(150)]);

/** The store's is, and the API server has nobody to ask. */
export const etcdKilled = killed('etcd', 'etcd killed', [seconds(140), seconds(200)]);

function killed(name: string, what: string, every: Trouble['every']): Trouble {
  return {
    every,
    inflict: async ({ random }) => {
      const forSeconds = random.between(...(random.chance(LONG_SHARE) ? LONG_S : SHORT_S));
      await shell(`pid=$(${SCRIPT} pid ${name}) && kill -KILL $pid; sleep ${forSeconds}; ${SCRIPT} start`);
      return what;
    },
  };
}
