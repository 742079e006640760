// Measures the memory of idle sandboxes of many tenants, beside the engine before its sandboxes were forked.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { buildCommit, buildDirectory } from '../cache.ts';
import { wholeNumber } from '../option-values.ts';
import { killTree } from '../processes.ts';
import type { Held } from './held.ts';

const EARLIER = '4565aa1';
const USAGE = `Measures what idle sandboxes of many tenants hold, each after one execution, beside the engine at commit ${EARLIER}.

Usage: node bench/memory/main.ts [options]

  --tenants N   tenants, with a sandbox each (default 100)
  --help        this text
`;
const MAX_MS = 120_000;

interface Sample {
  readonly sandboxes: readonly Held[];
  readonly zygotes: readonly Held[];
}

async function measure(root: string, tenants: number): Promise<Sample> {
  const host = fork(new URL('./host.ts', import.meta.url), [root, `${tenants}`]);
  const late = setTimeout(() => killTree(host.pid as number), MAX_MS);
  try {
    const [sample] = (await Promise.race([
      once(host, 'message'),
      once(host, 'exit').then(([code, signal]) => {
        throw new Error(`the engine ended before it was measured (${signal ?? code})`);
      }),
    ])) as [Sample];
    if (host.exitCode === null) await once(host, 'exit');
    return sample;
  } finally {
    clearTimeout(late);
    killTree(host.pid as number);
  }
}

const mib = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(1)} MiB`;

function row(name: string, { sandboxes, zygotes }: Sample): string {
  const own = sandboxes.map(({ privateBytes }) => privateBytes).sort((a, b) => a - b);
  const all = [...sandboxes, ...zygotes].reduce((sum, { proportionalBytes }) => sum + proportionalBytes, 0);
  const cells = [mib(own[own.length >> 1] ?? 0), mib(own.at(-1) ?? 0), mib(all)];
  return `${name.padEnd(18)}${cells.map((cell) => cell.padStart(14)).join('')}`;
}

const { values } = parseArgs({ options: { tenants: { type: 'string', default: '100' }, help: { type: 'boolean' } } });
if (values.help) {
  process.stdout.write(USAGE);
} else {
  const tenants = wholeNumber('--tenants', values.tenants);
  await buildCommit(EARLIER);
  const head = ['private, p50', 'private, max', 'all, Pss'].map((cell) => cell.padStart(14)).join('');
  console.log(`${`${tenants} idle sandboxes`.padEnd(18)}${head}`);
  console.log(row('copepod', await measure(new URL('../..', import.meta.url).href, tenants)));
  console.log(row(`copepod-${EARLIER}`, await measure(pathToFileURL(`${buildDirectory(EARLIER)}/`).href, tenants)));
}
