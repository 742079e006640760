import { parseArgs } from 'node:util';
import { partsOf, resultsFile, wholeNumber } from '../option-values.ts';

const PARTS = ['raw', 'operator', 'present', 'jobs'] as const;

/** Parts that can be measured separately. */
export type Part = (typeof PARTS)[number];

export interface Options {
  readonly parts: readonly Part[];
  /** Executions at once, and raw triples. */
  readonly count: number;
  /** Sequential executions. */
  readonly alone: number;
  /** Finished executions that exist during the part `present`. */
  readonly present: number;
  readonly workers: number;
  readonly pods: number;
  readonly poolSize: number;
  readonly jobs: number;
  readonly jobsAlone: number;
  readonly image: string;
  readonly keep: boolean;
  readonly jsonFile: string;
}

export const USAGE = `Compares, on one cluster and with the same script: the raw API server, copepod's operator, and Jobs.

The cluster is the one of $KUBECONFIG; if unset, the one of \`make cluster\`. For the part raw the operator is
scaled to 0 and back. Everything else happens in namespaces of its own (bench-...), which are removed at the end.

Usage: node bench/cluster/main.ts [options]

  --only PARTS       of ${PARTS.join(', ')}; separated by commas (default all)
  --count N          executions at once, and raw triples (default 2000)
  --alone N          sequential executions (default 200)
  --present N        finished executions that exist during the part present (default 10000)
  --workers N        concurrent creators of executions or raw triples (default 16)
  --pods N           replicas of the ScriptRuntime (default 2)
  --pool N           its pool.size (default 4)
  --jobs N           Jobs at once (default 30)
  --jobs-alone N     sequential Jobs (default 10)
  --image NAME       an image with node, for the Jobs (default localhost/copepod:dev)
  --keep             keep the namespaces at the end
  --json FILE        output file of the figures (default bench/results/cluster-DATE.json)
  --help             this text

Parts:
  raw                create + two status writes, by this program: the upper bound of the API server
  operator           this operator, one execution at a time, and many at once
  present            the same with finished executions present
  jobs               Jobs that run the same script with node, one at a time and many at once
`;

/** @throws Error with a message for the user if the arguments are invalid. Null if they ask for help. */
export function parseOptions(args: readonly string[]): Options | null {
  const { values } = parseArgs({
    args: [...args],
    options: {
      only: { type: 'string', default: '' },
      count: { type: 'string', default: '2000' },
      alone: { type: 'string', default: '200' },
      present: { type: 'string', default: '10000' },
      workers: { type: 'string', default: '16' },
      pods: { type: 'string', default: '2' },
      pool: { type: 'string', default: '4' },
      jobs: { type: 'string', default: '30' },
      'jobs-alone': { type: 'string', default: '10' },
      image: { type: 'string', default: 'localhost/copepod:dev' },
      keep: { type: 'boolean', default: false },
      json: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return null;

  return {
    parts: partsOf(values.only, PARTS),
    count: wholeNumber('--count', values.count),
    alone: wholeNumber('--alone', values.alone),
    present: wholeNumber('--present', values.present),
    workers: wholeNumber('--workers', values.workers),
    pods: wholeNumber('--pods', values.pods),
    poolSize: wholeNumber('--pool', values.pool),
    jobs: wholeNumber('--jobs', values.jobs),
    jobsAlone: wholeNumber('--jobs-alone', values['jobs-alone']),
    image: values.image,
    keep: values.keep,
    jsonFile: values.json ?? resultsFile('cluster'),
  };
}
