import { parseArgs } from 'node:util';
import { partsOf, wholeNumber } from '../../bench/option-values.ts';

const PARTS = ['trouble', 'failover'] as const;
export type Part = (typeof PARTS)[number];

export interface Options {
  readonly parts: readonly Part[];
  /** Executions of a round. */
  readonly count: number;
  /** That arrive in a second. */
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

export const USAGE = `Makes trouble on the cluster of \`make cluster\` while executions run, and holds each of them to what is promised.

Each execution counts once at a service outside the cluster. With backoffLimit 0 every one ends, none is counted twice, and each that is
reported as a success was counted exactly once. With a backoffLimit above 0 every one succeeds, and is counted no more often than
its status tells of attempts. Exit code 1 where that does not hold; then everything that is known of it is printed, and the namespace
stays.

The cluster must have nothing else to do: operators, runtime pods, the API server and etcd are killed. Root, as make cluster.

Usage: make chaos ARGS="[options]"

  --only PARTS             of ${PARTS.join(', ')}; separated by commas (default both)
  --count N                executions of a round (default 2000)
  --rate N                 that arrive in a second (default 10)
  --backoff-limit N,N      a round for each (default 0,3)
  --seed N,N               and for each of these seeds of all random choices (default 1,2)
  --pods N                 runtime pods (default 4)
  --pool N                 VMs of each (default 4)
  --kills N                leaders that end, in each way, in the part failover (default 10)
  --image NAME             an image of test/chaos/image (default localhost/copepod-chaos:dev)
  --keep                   leave the namespaces as they are
  --help                   this text

Parts:
  trouble                  rounds of executions, while: an operator is killed every 3 to 8 s, of two; the leader stands still for longer
                           than its lease; runtime pods are deleted, deleted by force, killed, paused; single sandboxes are killed; the
                           API server and etcd are killed and started again; connections of an operator to the API server and to
                           runtime pods are reset, or lose what they send or what comes back, for seconds
  failover                 how long nothing is started after the leader was killed, its pod deleted by force, or asked to end
`;

/** Throws what is wrong, for the user. Null where they ask for help. */
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
