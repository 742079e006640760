import { parseArgs } from 'node:util';
import { partsOf, resultsFile, wholeNumber } from '../option-values.ts';
import { type Size, WAYS, type Way } from './figures.ts';

export interface Options {
  readonly ways: readonly Way[];
  readonly sizes: readonly Size[];
  readonly rounds: number;
  /** Of one measurement, in milliseconds. */
  readonly durationMs: number;
  readonly concurrency: number;
  readonly poolSize: number;
  readonly keep: boolean;
  readonly jsonFile: string;
}

export const USAGE = `Compares, on one cluster and with the same script: ScriptExecutions, Execute, and ScriptEndpoints with reuse None and
reuse Module, with the processor time of each part.

The cluster is the one of $KUBECONFIG; if unset, the one of \`make cluster\`. The operator and the gateway must be deployed
(\`make deploy\`, \`kubectl apply -k deploy/gateway\`); the gateway is scaled and in the end has its replicas again. Everything
else happens in a namespace (bench-gateway-...), which is removed.

Usage: node bench/cluster-gateway/main.ts [options]

  --only WAYS        of ${WAYS.join(', ')}; separated by commas (default all)
  --sizes LIST       gateways:pods, separated by commas (default 1:1,2:4)
  --rounds N         rounds over all ways, for each size; figures are medians (default 2)
  --seconds N        length of one measurement (default 5)
  --concurrency N    requests, or executions, at once (default 16)
  --pool N           pool.size of the ScriptRuntime: VMs of each pod (default 2)
  --keep             keep the namespace at the end
  --json FILE        output file of the figures (default bench/results/cluster-gateway-DATE.json)
  --help             this text
`;

/** @throws Error with a message for the user if the arguments are invalid. Null if they ask for help. */
export function parseOptions(args: readonly string[]): Options | null {
  const { values } = parseArgs({
    args: [...args],
    options: {
      only: { type: 'string', default: '' },
      sizes: { type: 'string', default: '1:1,2:4' },
      rounds: { type: 'string', default: '2' },
      seconds: { type: 'string', default: '5' },
      concurrency: { type: 'string', default: '16' },
      pool: { type: 'string', default: '2' },
      keep: { type: 'boolean', default: false },
      json: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return null;

  return {
    ways: partsOf(values.only, WAYS),
    sizes: values.sizes.split(',').map(sizeOf),
    rounds: wholeNumber('--rounds', values.rounds),
    durationMs: wholeNumber('--seconds', values.seconds) * 1000,
    concurrency: wholeNumber('--concurrency', values.concurrency),
    poolSize: wholeNumber('--pool', values.pool),
    keep: values.keep,
    jsonFile: values.json ?? resultsFile('cluster-gateway'),
  };
}

function sizeOf(text: string): Size {
  const [gateways = '', pods = '', ...more] = text.split(':');
  if (more.length > 0) throw new Error(`--sizes: ${text} is not gateways:pods, as 2:4`);
  return { gateways: wholeNumber('--sizes', gateways), pods: wholeNumber('--sizes', pods) };
}
