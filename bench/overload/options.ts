import { parseArgs } from 'node:util';
import { partsOf, wholeNumber } from '../option-values.ts';

export const PARTS = ['spike', 'fairness', 'shares', 'tenants', 'backlog', 'soak'] as const;

export type PartName = (typeof PARTS)[number];

export interface Options {
  readonly parts: readonly PartName[];
  /** That create executions at the same time. */
  readonly workers: number;
  readonly pods: number;
  readonly poolSize: number;
  readonly keep: boolean;
  readonly jsonFile: string;
  readonly spike: {
    readonly count: number;
    /** Undefined: the one that is built for the cluster of `make cluster`. */
    readonly image: string | undefined;
    readonly sleepMs: number;
    readonly maxReplicas: number;
    readonly stableWindow: string;
    readonly poolSize: number;
  };
  readonly fairness: {
    readonly flood: number;
    readonly perSecond: number;
    readonly seconds: number;
    readonly rounds: number;
  };
  readonly shares: { readonly namespaces: number; readonly each: number };
  readonly backlog: { readonly count: number; readonly sourceBytes: number };
  readonly soak: { readonly minutes: number; readonly ttlSeconds: number; readonly history: number };
}

export const USAGE = `Measures copepod's operator under more load than it can take at once, on a cluster.

The cluster is the one of $KUBECONFIG; where that is not set, the one of \`make cluster\`. All happens in namespaces of its
own (bench-...), which are removed at the end; the part backlog deletes the operator's pod once.

Usage: node bench/overload/main.ts [options]

  --only PARTS        of ${PARTS.join(', ')}; separated by commas
                      (default: all but soak)
  --workers N         that create executions at the same time (default 16)
  --pods N            replicas of each ScriptRuntime, but in spike and shares (default 2)
  --pool N            its pool.size (default 4)
  --keep              leave the namespaces as they are at the end
  --json FILE         where the figures go (default bench/results/overload-DATE.json)
  --help              this text

spike: a ScriptRuntime without pods gets executions that all wait at once, each of which sleeps for a while. Sampled twice
a second, from watches, until it has no pods again. An execution waits from the sending of its create to startTime.
  --spike N           executions (default 200)
  --spike-image NAME  an image with the host function clock.sleep (default: one is built, and loaded into the cluster of
                      \`make cluster\`)
  --spike-ms N        how long each sleeps (default 1000)
  --max-replicas N    (default 8)
  --stable-window T   (default 10s)
  --spike-pool N      pool.size (default 2)

fairness: a namespace sends executions at a steady rate, alone; and again while another, with a ScriptRuntime of its own,
floods the operator. Latency is from when an execution was due to be sent (late or not: no coordinated omission) to its
success being seen in a watch of its own. A third time beside the creates of as many that are suspended: so much of it is
the API server's, whatever runs them. A connection of its own carries each namespace; how long this program's event
loop was busy is told too, as it adds to what is measured.
  --flood N           executions of the flood (default 5000)
  --rate N            executions a second of the steady one (default 1)
  --seconds N         of it alone (default 60)
  --rounds N          of all that, each in new namespaces, pooled: the p99 of a few is just the slowest (default 1)

tenants: the same for two tenants of one ScriptRuntime, with pool.tenantIsolation Isolate and Process.

shares: namespaces of one pod each submit equally many at once. Jain's index of how many of each have ended when half of
all have.
  --namespaces N      (default 10)
  --each N            executions of each (default 200)

backlog: executions wait for a ScriptRuntime with no replicas, are released by scaling it up, and go through a new leader
half-way, when the operator's pod is deleted.
  --backlog N         (default 20000)
  --source-bytes N    of each script (default 4096)

soak: half of the throughput that a short closed loop reaches, for a long time and with clean-up on, one line a minute and
at the end whether each figure stayed where it was.
  --minutes N         (default 20; the first quarter, 5 at most, is warming up)
  --ttl N             ttlSecondsAfterFinished (default 30)
  --history N         successfulExecutionsHistoryLimit (default 1000)
`;

/** @throws Error with a message for the user if the arguments make no sense. Null if they ask for help. */
export function parseOptions(args: readonly string[]): Options | null {
  const text = (value: string) => ({ type: 'string', default: value }) as const;
  const { values } = parseArgs({
    args: [...args],
    options: {
      only: text('spike,fairness,shares,tenants,backlog'),
      workers: text('16'),
      pods: text('2'),
      pool: text('4'),
      keep: { type: 'boolean', default: false },
      json: { type: 'string' },
      help: { type: 'boolean', default: false },
      spike: text('200'),
      'spike-image': { type: 'string' },
      'spike-ms': text('1000'),
      'max-replicas': text('8'),
      'stable-window': text('10s'),
      'spike-pool': text('2'),
      flood: text('5000'),
      rate: text('1'),
      seconds: text('60'),
      rounds: text('1'),
      namespaces: text('10'),
      each: text('200'),
      backlog: text('20000'),
      'source-bytes': text('4096'),
      minutes: text('20'),
      ttl: text('30'),
      history: text('1000'),
    },
  });
  if (values.help) return null;
  const number = (name: Exclude<keyof typeof values, 'keep' | 'help'>): number =>
    wholeNumber(`--${name}`, values[name] ?? '');
  const date = new Date().toISOString().replaceAll(':', '-');
  return {
    parts: partsOf(values.only, PARTS),
    workers: number('workers'),
    pods: number('pods'),
    poolSize: number('pool'),
    keep: values.keep,
    jsonFile: values.json ?? new URL(`../results/overload-${date}.json`, import.meta.url).pathname,
    spike: {
      count: number('spike'),
      image: values['spike-image'],
      sleepMs: number('spike-ms'),
      maxReplicas: number('max-replicas'),
      stableWindow: values['stable-window'],
      poolSize: number('spike-pool'),
    },
    fairness: {
      flood: number('flood'),
      perSecond: number('rate'),
      seconds: number('seconds'),
      rounds: number('rounds'),
    },
    shares: { namespaces: number('namespaces'), each: number('each') },
    backlog: { count: number('backlog'), sourceBytes: number('source-bytes') },
    soak: { minutes: number('minutes'), ttlSeconds: number('ttl'), history: number('history') },
  };
}
