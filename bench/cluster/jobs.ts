import { defineResource } from '../../src/kube/resource.ts';
import { PODS } from '../../src/kube/resources.ts';
import { PARAMS, RESULT, SOURCE } from '../scenarios/small.ts';
import { summarise } from '../statistics.ts';
import { declarationsOf } from '../workload.ts';
import { EndWatcher, type ObservedState } from './end-watcher.ts';
import type { Figure } from './figures.ts';
import type { Options } from './options.ts';
import { blockedPods } from './pods.ts';
import type { Progress } from './progress.ts';
import type { Target } from './target.ts';
import { withWorkers } from './workers.ts';

/** The fields of a Job that are read or written. */
interface Job {
  metadata: { name: string; namespace: string };
  spec: Record<string, unknown>;
  status?: { conditions?: { type: string; status: string; reason?: string; message?: string }[] };
}

const JOBS = defineResource<Job>('batch/v1', 'Job', 'jobs');
const STALL_LIMIT_MS = 60_000;

/** Runs the script with node and checks its result. */
const PROGRAM = `const params = ${JSON.stringify(PARAMS)};
${declarationsOf(SOURCE)}
const result = JSON.stringify(main(params));
console.log(result);
if (result !== ${JSON.stringify(RESULT)}) process.exit(1);`;

/** Jobs one at a time and many at once: from sending the create to seeing `Complete` in the watch. */
export async function measureJobs(
  target: Target,
  progress: Progress,
  namespace: string,
  { image, jobs, jobsAlone }: Options,
  signal: AbortSignal,
): Promise<Figure[]> {
  const watch = { observe: observeJob, stallLimitMs: STALL_LIMIT_MS, signal };
  using watcher = await EndWatcher.start(target.client, JOBS, namespace, watch);
  const latenciesMs = async (prefix: string, count: number, workers: number): Promise<number[]> => {
    const latencies: number[] = [];
    await withWorkers(count, workers, async (index) => {
      const name = `${prefix}-${index}`;
      const sentMs = performance.now();
      const end = watcher.end(name);
      const [{ endSeenAtMs }] = await Promise.all([
        end,
        target.client.create(JOBS, newJob(namespace, name, image), { signal }),
      ]);
      latencies.push(endSeenAtMs - sentMs);
      progress.at(latencies.length, count);
    });
    return latencies;
  };

  try {
    progress.step('Jobs: one to warm up');
    await latenciesMs('warm-up', 1, 1);
    progress.step(`Jobs: ${jobsAlone} one at a time`);
    const alone = await timed(() => latenciesMs('alone', jobsAlone, 1));
    progress.step(`Jobs: ${jobs} at once`);
    const atOnce = await timed(() => latenciesMs('at-once', jobs, jobs));
    return [
      { contestant: 'jobs', load: 'alone', sample: summarise(1, alone.elapsedMs, alone.value) },
      { contestant: 'jobs', load: 'at-once', sample: summarise(jobs, atOnce.elapsedMs, atOnce.value) },
    ];
  } catch (error) {
    signal.throwIfAborted();
    const { items: pods } = await target.client.list(PODS, { namespace });
    throw new Error([(error as Error).message, blockedPods(pods)].filter(Boolean).join('; '));
  }
}

function newJob(namespace: string, name: string, image: string): Job {
  const container = {
    name: 'script',
    image,
    imagePullPolicy: 'IfNotPresent',
    command: ['node', '-e', PROGRAM],
    securityContext: { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } },
  };
  const pod = {
    restartPolicy: 'Never',
    automountServiceAccountToken: false,
    securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
    containers: [container],
  };
  return { metadata: { name, namespace }, spec: { backoffLimit: 0, template: { spec: pod } } };
}

function observeJob({ status }: Job): ObservedState {
  const holds = (type: string) => status?.conditions?.find((c) => c.type === type && c.status === 'True');
  const failed = holds('Failed');
  if (failed) return { state: 'Failed', message: failed.message, end: 'bad' };
  return holds('Complete') ? { state: 'Complete', end: 'good' } : { state: 'Running' };
}

async function timed<T>(work: () => Promise<T>): Promise<{ value: T; elapsedMs: number }> {
  const startMs = performance.now();
  const value = await work();
  return { value, elapsedMs: performance.now() - startMs };
}
