import type { Aim } from '../aims.ts';
import { tableLines } from '../cluster/table.ts';
import { type Figure, figureOf, PARTS, type Size, type Way } from './figures.ts';

const TITLES: Readonly<Record<Way, string>> = {
  objects: 'objects: ScriptExecution',
  execute: 'execute',
  none: 'endpoint, reuse None',
  module: 'endpoint, reuse Module',
};

const MIN_TIMES_OBJECTS = 8;
const MAX_SHARE_OF_LATENCY = 1 / 4;
const MIN_TIMES_NONE = 3;

/** One row per way at a size, and the processor time for each execution. Pure. */
export function sizeTable(figures: readonly Figure[], size: Size): string {
  const shown = figures.filter((figure) => figure.size === size);
  const objects = figureOf(figures, 'objects', size);
  const head = ['', 'per second', 'p50 ms', 'p99 ms', 'of objects'];
  const rows = shown.map(({ way, perSecond, p50Ms, p99Ms }) => {
    const times = objects ? `${digits(perSecond / objects.perSecond)} x` : '';
    return [TITLES[way], digits(perSecond), digits(p50Ms), digits(p99Ms), times];
  });
  const costs = shown.map(({ way, perExecution }) => [
    TITLES[way],
    ...PARTS.map((part) => perExecution[part].toFixed(2)),
    PARTS.reduce((sum, part) => sum + perExecution[part], 0).toFixed(2),
  ]);
  return [
    `${plural(size.gateways, 'gateway')}, ${plural(size.pods, 'pod')}:`,
    ...tableLines([head, ...rows]),
    '',
    'Processor time for each execution, in ms:',
    ...tableLines([['', ...PARTS, 'together'], ...costs]),
    '',
  ].join('\n');
}

/** Throughput and processor time at each size, as multiples of those at the first. Pure. */
export function scalingTable(figures: readonly Figure[], sizes: readonly Size[]): string {
  const [first, ...others] = sizes;
  const rows = others.flatMap((size) =>
    figures.flatMap(({ way, size: at, perSecond, perExecution }) => {
      const before = figureOf(figures, way, first);
      if (at !== first || !before) return [];
      const after = figureOf(figures, way, size);
      if (!after) return [];
      const times = (part: 'API server' | 'gateways' | 'pods'): string =>
        perExecution[part] > 0 ? `${digits(after.perExecution[part] / perExecution[part])} x` : '';
      const throughput = `${digits(after.perSecond / perSecond)} x`;
      return [[TITLES[way], throughput, times('API server'), times('gateways'), times('pods')]];
    }),
  );
  if (rows.length === 0) return '';
  const head = ['', 'throughput', 'API server', 'gateways', 'pods'];
  return [
    'Scaling: the last size beside the first, throughput and processor time for each execution:',
    ...tableLines([head, ...rows]),
    '',
  ].join('\n');
}

/** The aims that the figures of a size can decide. Pure. */
export function aimsOf(figures: readonly Figure[], size: Size): Aim[] {
  const [objects, execute, none, module] = (['objects', 'execute', 'none', 'module'] as const).map((way) =>
    figureOf(figures, way, size),
  );
  const aims: Aim[] = [];
  if (objects && execute) {
    const times = execute.perSecond / objects.perSecond;
    const share = execute.p50Ms / objects.p50Ms;
    aims.push({
      text: `execute: at least ${MIN_TIMES_OBJECTS} times the throughput of objects`,
      measured: `${times.toFixed(1)} x`,
      met: times >= MIN_TIMES_OBJECTS,
    });
    aims.push({
      text: `execute: p50 at most a quarter of that of objects`,
      measured: share.toFixed(3),
      met: share <= MAX_SHARE_OF_LATENCY,
    });
  }
  if (none && module) {
    const times = module.perSecond / none.perSecond;
    aims.push({
      text: `reuse Module: at least ${MIN_TIMES_NONE} times the throughput of None`,
      measured: `${times.toFixed(1)} x`,
      met: times >= MIN_TIMES_NONE,
    });
  }
  return aims;
}

const plural = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`;

function digits(value: number): string {
  return Math.abs(value) >= 100 ? value.toFixed(0) : value.toPrecision(3);
}
