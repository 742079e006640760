import { fileURLToPath } from 'node:url';
import { shell } from '../cluster/shell.ts';
import { type Fault, seconds } from './fault.ts';

const SCRIPT = fileURLToPath(new URL('../cluster/control-plane.sh', import.meta.url));

/** Outage durations: mostly short, sometimes so long that the leader has to step down. */
const SHORT_S: readonly [number, number] = [0, 4];
const LONG_S: readonly [number, number] = [11, 14];
const LONG_SHARE = 0.25;

/** Kills the API server's process and restarts it. */
export const apiServerKilled = killed('kube-apiserver', 'API server killed', [seconds(90), seconds(150)]);

/** Kills etcd: the API server has no storage. */
export const etcdKilled = killed('etcd', 'etcd killed', [seconds(140), seconds(200)]);

function killed(name: string, what: string, every: Fault['every']): Fault {
  return {
    every,
    inject: async ({ random }) => {
      const forSeconds = random.between(...(random.chance(LONG_SHARE) ? LONG_S : SHORT_S));
      await shell(`pid=$(${SCRIPT} pid ${name}) && kill -KILL $pid; sleep ${forSeconds}; ${SCRIPT} start`);
      return what;
    },
  };
}
