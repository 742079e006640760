import { parseArgs } from 'node:util';
import { resultsFile, wholeNumber } from '../option-values.ts';

export interface Options {
  /** Measured rounds, after one warm-up round. */
  readonly rounds: number;
  readonly poolSize: number;
  readonly keep: boolean;
  readonly jsonFile: string;
}

export const USAGE = `Measures in turn, on one cluster: an execution whose runtime has no pod (autoscaling, minReplicas: 0) from its
create to its success, and a bare pod of the same image, arguments, resources and probes from its create to Ready.

The cluster is the one of $KUBECONFIG; if unset, the one of \`make cluster\`, with the operator of
\`make deploy\`. Everything happens in a namespace of its own (bench-...), which is removed at the end.

Usage: node bench/from-zero/main.ts [options]

  --rounds N     rounds of both, after one warm-up round (default 10; each takes about 20 s)
  --pool N       pool.size of the ScriptRuntime (default 4)
  --keep         keep the namespace at the end
  --json FILE    output file of the figures (default bench/results/from-zero-DATE.json)
  --help         this text
`;

/** @throws Error with a message for the user if the arguments are invalid. Null if they ask for help. */
export function parseOptions(args: readonly string[]): Options | null {
  const { values } = parseArgs({
    args: [...args],
    options: {
      rounds: { type: 'string', default: '10' },
      pool: { type: 'string', default: '4' },
      keep: { type: 'boolean', default: false },
      json: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return null;
  return {
    rounds: wholeNumber('--rounds', values.rounds),
    poolSize: wholeNumber('--pool', values.pool),
    keep: values.keep,
    jsonFile: values.json ?? resultsFile('from-zero'),
  };
}
