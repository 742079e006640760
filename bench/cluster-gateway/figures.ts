import { median, type Sample } from '../statistics.ts';

/** Ways to run a script on a cluster. */
export const WAYS = ['objects', 'execute', 'none', 'module'] as const;
export type Way = (typeof WAYS)[number];

/** Replicas of the gateway and of the runtime that are measured together. */
export interface Size {
  readonly gateways: number;
  readonly pods: number;
}

/** What uses processor time; `elsewhere` is everything else on the machine: kubelet, kube-proxy, the kernel. */
export const PARTS = ['API server', 'etcd', 'operator', 'gateways', 'pods', 'load generator', 'elsewhere'] as const;
export type Part = (typeof PARTS)[number];

/** Processor time of each part in milliseconds. */
export type ProcessorTimes = Readonly<Record<Part, number>>;

/** One way in one round, at one size. */
export interface Measured {
  readonly way: Way;
  readonly size: Size;
  readonly round: number;
  readonly sample: Sample;
  readonly processor: ProcessorTimes;
}

/** One way at one size: medians of the rounds. */
export interface Figure {
  readonly way: Way;
  readonly size: Size;
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Processor time for each execution, in milliseconds. */
  readonly perExecution: ProcessorTimes;
}

/** Medians of the rounds, in the order of the measurements. Pure. */
export function figuresOf(measured: readonly Measured[]): Figure[] {
  const groups = Map.groupBy(measured, ({ way, size }) => `${way} ${size.gateways} ${size.pods}`);
  return [...groups.values()].map((group) => {
    const [{ way, size }] = group as [Measured];
    const of = (key: 'perSecond' | 'p50Ms' | 'p99Ms') => median(group.map(({ sample }) => sample[key]));
    const perExecution = Object.fromEntries(
      PARTS.map((part) => [part, median(group.map(({ processor, sample }) => processor[part] / sample.executions))]),
    ) as Record<Part, number>;
    return { way, size, perSecond: of('perSecond'), p50Ms: of('p50Ms'), p99Ms: of('p99Ms'), perExecution };
  });
}

export function figureOf(figures: readonly Figure[], way: Way, size: Size | undefined): Figure | undefined {
  return figures.find((figure) => figure.way === way && figure.size === size);
}
