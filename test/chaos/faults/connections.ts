import { OPERATOR } from '../cluster/chaos-cluster.ts';
import { shell } from '../cluster/shell.ts';
import { type Fault, type Scene, seconds } from './fault.ts';

/** The Service `kubernetes` (service_address in test/cluster/lib/settings.sh). */
const API_SERVER = 'ip ADDRESS 10.96.0.1';
/** All pods (pod_range there). */
const PODS = 'ip ADDRESS 10.244.0.0/24 tcp PORT 8080';

/**
 * Directions in which packets are dropped: outgoing, incoming (the request is executed, its answer is lost), both; or
 * connections are refused.
 */
const WAYS = ['out', 'back', 'both', 'refused'] as const;
const SHORT_S: readonly [number, number] = [1, 6];
const LONG_S: readonly [number, number] = [11, 16];
const LONG_SHARE = 0.2;

let cuts = 0;

/** An operator's connections are reset, or blocked for some seconds. */
export const connectionsCut: Fault = {
  every: [seconds(5), seconds(12)],
  inject: async (scene) => {
    const { random, cluster } = scene;
    const target = random.pick(cluster.processes(OPERATOR.namespace, 'operator'));
    if (target === undefined) return undefined;
    const toPods = random.chance(0.5);
    const whom = toPods ? 'operator and runtime pods' : 'operator and API server';
    const inNetwork = (script: string) => shell(`nsenter --target ${target.pid} --net sh -c '${script}'`);
    if (random.chance(0.3)) {
      await inNetwork(`ss --kill --tcp ${toPods ? 'dport = :8080' : 'dst 10.96.0.1'} >/dev/null`);
      return `connections between ${whom} reset`;
    }
    await inNetwork(cutFor(scene, toPods ? PODS : API_SERVER));
    return `connections between ${whom} cut`;
  },
};

/** nftables rules in the pod's network namespace, removed by the same script. */
function cutFor({ random }: Scene, match: string): string {
  cuts += 1;
  const table = `inet copepod-chaos-${cuts}`;
  const way = random.pick(WAYS) ?? 'both';
  const forSeconds = random.between(...(random.chance(LONG_SHARE) ? LONG_S : SHORT_S));
  const out = match.replace('ADDRESS', 'daddr').replace('PORT', 'dport');
  const back = match.replace('ADDRESS', 'saddr').replace('PORT', 'sport');
  const chain = (hook: 'output' | 'input', rule: string): string =>
    `chain ${hook} {\ntype filter hook ${hook} priority 0\n${rule}\n}\n`;
  const chains =
    way === 'refused'
      ? chain('output', `${out} meta l4proto tcp reject with tcp reset`)
      : (way === 'back' ? '' : chain('output', `${out} drop`)) + (way === 'out' ? '' : chain('input', `${back} drop`));
  return `nft "table ${table} {\n${chains}}\n"; sleep ${forSeconds}; nft delete table ${table}`;
}
