import { parseArgs } from 'node:util';
import { partsOf, wholeNumber } from '../../bench/option-values.ts';

const PARTS = ['trouble', 'failover'] as const;
export type Part = (typeof PARTS)[number];

export interface Options {
  readonly parts: readonly Part[];
  /** Executions per round. */
  readonly count: number;
  /** Arrivals per second. */
  readonly rate: number;
  /** One round for each pair. */
  readonly backoffLimits: readonly number[];
  readonly seeds: readonly number[];
  readonly pods: number;
  readonly poolSize: number;
  /** Kills of each kind in the part failover. */
  readonly kills: number;
  readonly image: string;
  readonly keep: boolean;
}

export const USAGE = `Injects faults into the cluster of \`make cluster\` while executions run, and checks the guarantees for each execution.

Each execution counts once at a service outside the cluster. With backoffLimit 0 every one finishes, none is counted twice, and each
success was counted exactly once. With a backoffLimit above 0 every one succeeds and is counted at most
status.attempts times. A violation sets exit code 1, prints all evidence, and keeps the
namespace.

The cluster must run nothing else: operators, runtime pods, the API server and etcd are killed. Needs root, as make cluster.

Usage: make chaos ARGS="[options]"

  --only PARTS             of ${PARTS.join(', ')}; separated by commas (default both)
  --count N                executions per round (default 2000)
  --rate N                 arrivals per second (default 10)
  --backoff-limit N,N      one round for each (default 0,3)
  --seed N,N               and for each of these random seeds (default 1,2)
  --pods N                 runtime pods (default 4)
  --pool N                 VMs per pod (default 4)
  --kills N                leaders ended in each way in the part failover (default 10)
  --image NAME             the image of test/chaos/image (default localhost/copepod-chaos:dev)
  --keep                   keep the namespaces
  --help                   this text

Parts:
  trouble                  rounds of executions, while: one of two operators is killed every 3 to 8 s; the leader is paused for longer
                           than its lease; runtime pods are deleted, deleted by force, killed, paused; single sandboxes are killed; the
                           API server and etcd are killed and restarted; connections of an operator to the API server and to
                           runtime pods are reset, or drop packets in one or both directions for seconds
  failover                 how long no script starts after the leader is killed, its pod deleted by force, or shut down
`;

/** Throws an error for the user. Returns null for --help. */
export function parseOptions(args: readonly string[]): Options | null {
  const { values } = parseArgs({
    args: [...args],
    options: {
      only: { type: 'string', default: '' },
      count: { type: 'string', default: '2000' },
      rate: { type: 'string', default: '10' },
      'backoff-limit': { type: 'string', default: '0,3' },
      seed: { type: 'string', default: '1,2' },
      pods: { type: 'string', default: '4' },
      pool: { type: 'string', default: '4' },
      kills: { type: 'string', default: '10' },
      image: { type: 'string', default: 'localhost/copepod-chaos:dev' },
      keep: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return null;
  return {
    parts: partsOf(values.only, PARTS),
    count: wholeNumber('--count', values.count),
    rate: wholeNumber('--rate', values.rate),
    backoffLimits: values['backoff-limit'].split(',').map((text) => wholeNumber('--backoff-limit', text, 0)),
    seeds: values.seed.split(',').map((text) => wholeNumber('--seed', text, 0)),
    pods: wholeNumber('--pods', values.pods),
    poolSize: wholeNumber('--pool', values.pool),
    kills: wholeNumber('--kills', values.kills),
    image: values.image,
    keep: values.keep,
  };
}
