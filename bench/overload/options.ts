import { parseArgs } from 'node:util';
import { partsOf, resultsFile, wholeNumber } from '../option-values.ts';

export const PARTS = ['spike', 'fairness', 'shares', 'tenants', 'backlog', 'soak'] as const;

export type PartName = (typeof PARTS)[number];

export interface Options {
  readonly parts: readonly PartName[];
  /** Concurrent creators of executions. */
  readonly workers: number;
  readonly pods: number;
  readonly poolSize: number;
  readonly keep: boolean;
  readonly jsonFile: string;
  readonly spike: {
    readonly count: number;
    /** Undefined: the image built for the cluster of `make cluster`. */
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

export const USAGE = `Measures copepod's operator under overload, on a cluster.

The cluster is the one of $KUBECONFIG; if unset, the one of \`make cluster\`. Everything happens in namespaces of its
own (bench-...), which are removed at the end; the part backlog deletes the operator's pod once.

Usage: node bench/overload/main.ts [options]

  --only PARTS        of ${PARTS.join(', ')}; separated by commas
                      (default: all but soak)
  --workers N         concurrent creators of executions (default 16)
  --pods N            replicas of each ScriptRuntime, except in spike and shares (default 2)
  --pool N            its pool.size (default 4)
  --keep              keep the namespaces at the end
  --json FILE         output file of the figures (default bench/results/overload-DATE.json)
  --help              this text

spike: a ScriptRuntime without pods gets executions that all wait at once, each of which sleeps. Sampled twice
a second, from watches, until it has no pods again. Waiting time: from sending the create to startTime.
  --spike N           executions (default 200)
  --spike-image NAME  an image with the host function clock.sleep (default: one is built, and loaded into the cluster of
                      \`make cluster\`)
  --spike-ms N        how long each sleeps (default 1000)
  --max-replicas N    (default 8)
  --stable-window T   (default 10s)
  --spike-pool N      pool.size (default 2)

fairness: a namespace sends executions at a constant rate, alone, then while another, with a ScriptRuntime of its own,
floods the operator. Latency is from when an execution was due (no coordinated omission) to its
success as seen in a separate watch. A third phase only creates as many suspended executions, which shows the part
of the API server. Each namespace has its own connection; the event loop delay of this program is reported too,
as it adds to the latency.
  --flood N           executions of the flood (default 5000)
  --rate N            executions a second of the constant load (default 1)
  --seconds N         duration of the phase without flood (default 60)
  --rounds N          rounds, each in new namespaces, pooled: the p99 of few executions is just the slowest (default 1)

tenants: the same for two tenants of one ScriptRuntime, with pool.tenantIsolation Isolate and Process.

shares: namespaces of one pod each submit the same number at once. Jain's index of the number finished per namespace when half of
all have finished.
  --namespaces N      (default 10)
  --each N            executions of each (default 200)

backlog: executions wait for a ScriptRuntime with no replicas, are released by scaling it up, and change leaders
half-way, when the operator's pod is deleted.
  --backlog N         (default 20000)
  --source-bytes N    of each script (default 4096)

soak: half of the throughput of a short closed loop, for a long time and with clean-up on; prints one line a minute, and
at the end whether each figure stayed constant.
  --minutes N         (default 20; the first quarter, at most 5, is warm-up)
  --ttl N             ttlSecondsAfterFinished (default 30)
  --history N         successfulExecutionsHistoryLimit (default 1000)
`;

/** @throws Error with a message for the user if the arguments are invalid. Null if they ask for help. */
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
  return {
    parts: partsOf(values.only, PARTS),
    workers: number('workers'),
    pods: number('pods'),
    poolSize: number('pool'),
    keep: values.keep,
    jsonFile: values.json ?? resultsFile('overload'),
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
