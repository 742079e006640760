import type { Pod } from '../../src/kube/resources.ts';
import type { Target } from '../cluster/target.ts';

/** Moments of a start, in milliseconds since the create was sent. */
export type Moments = Readonly<Partial<Record<Moment, number>>>;

/** The moments of both variants in order, with their labels. Moments without a timestamp are left out. */
export const MOMENTS = {
  answered: 'create answered',
  deployment: 'Deployment scaled up',
  replicaSet: 'ReplicaSet scaled up',
  pod: 'pod created',
  scheduled: 'scheduled',
  process: 'Node process started',
  listening: 'server listens',
  serving: 'first VM ready',
  address: 'pod IP in its status',
  claimed: 'claimed',
  started: 'script starts',
  completed: 'script finished',
  end: 'end seen',
} as const;

export type Moment = keyof typeof MOMENTS;

export const isScheduled = ({ spec }: Pod): boolean => Boolean(spec?.nodeName);
export const hasAddress = ({ status }: Pod): boolean => Boolean(status?.podIP);
export const isReady = ({ status }: Pod): boolean =>
  status?.conditions?.some(({ type, status: holds }) => type === 'Ready' && holds === 'True') ?? false;

/** When a pod's process started, listened and had its first VM, from its log, in milliseconds since the epoch. */
export async function startUpOf(target: Target, namespace: string, pod: string) {
  const text = await target.readText(`/api/v1/namespaces/${namespace}/pods/${pod}/log?container=runtime`);
  const lines = text.split('\n').flatMap((line) => (line.startsWith('{') ? [JSON.parse(line) as LogLine] : []));
  const listening = lines.find(({ message }) => message === 'listening');
  const serving = lines.find(({ state }) => state === 'Serving');
  if (!listening || !serving) throw new Error(`the log of pod ${pod} does not contain "listening" and "serving"`);
  const process = Date.parse(listening.time) - listening.sinceStartMs;
  return { process, listening: Date.parse(listening.time), serving: Date.parse(serving.time) };
}

interface LogLine {
  readonly time: string;
  readonly message: string;
  readonly state?: string;
  readonly sinceStartMs: number;
}
