import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { pause } from '../../src/kube/pause.ts';
import { observerFor } from '../cluster/executions.ts';
import { inNamespace, userIn } from '../cluster/namespace.ts';
import { startRuntime } from '../cluster/runtime.ts';
import { tableLines } from '../cluster/table.ts';
import { waitingOf } from './latency.ts';
import { LoadGenerator } from './load-generator.ts';
import { nothingFailed, type PartContext, type PartResult } from './part.ts';
import { Replicas } from './replicas.ts';

const SAMPLE_EVERY_MS = 500;
const BACK_WITHIN_MS = 300_000;
/** Time limit of the first pod: a later one is missing for another reason than slowness. */
const POD_WITHIN_MS = 60_000;
const STALL_LIMIT_MS = 120_000;
const BAR_WIDTH = 30;

interface Sample {
  /** Since the first create. */
  readonly atMs: number;
  /** Desired replicas of the Deployment, existing pods, and ready pods. */
  readonly wanted: number;
  readonly pods: number;
  readonly ready: number;
  readonly waiting: number;
  readonly running: number;
  readonly ended: number;
}

const run = promisify(execFile);
const IMAGE_SCRIPT = fileURLToPath(new URL('../../test/e2e/host-functions/image.sh', import.meta.url));

/** Builds the image that the tests use and loads it into the cluster of `make cluster`; returns its name. */
async function hostFunctionsImage(signal: AbortSignal): Promise<string> {
  const image = 'localhost/copepod-host-functions:dev';
  await run(IMAGE_SCRIPT, { env: { ...process.env, HOST_FUNCTIONS_IMAGE: image }, signal });
  return image;
}

/** From no pods to many executions waiting at once, and back to no pods. */
export async function measureSpike({ target, progress, options, signal }: PartContext): Promise<PartResult> {
  const { count, sleepMs, maxReplicas, stableWindow, poolSize } = options.spike;
  if (options.spike.image === undefined) progress.step('spike: building the image with host functions');
  const image = options.spike.image ?? (await hostFunctionsImage(signal));
  return inNamespace(target, { purpose: 'spike', keep: options.keep, signal }, async (namespace) => {
    progress.step('spike: a ScriptRuntime without pods');
    const autoscaling = { minReplicas: 0, maxReplicas, stableWindow };
    await startRuntime(target, namespace, { image, autoscaling, pool: { size: poolSize } }, 0, signal);
    using replicas = await Replicas.start(target, namespace, signal);
    using generator = await LoadGenerator.start(userIn(target, namespace), {
      namespace,
      name: 'spike',
      spec: { source: 'export default ({ ms }) => clock.sleep(ms)', params: { ms: sleepMs } },
      observe: observerFor(String(sleepMs)),
      stallLimitMs: STALL_LIMIT_MS,
      signal,
    });

    progress.step(`spike: ${count} executions that sleep ${sleepMs} ms`);
    const startMs = performance.now();
    const samples: Sample[] = [];
    const flood = generator.flood(count, options.workers);
    const isOver = (): boolean => {
      const { wanted, pods } = replicas.now();
      return generator.sent === count && generator.open === 0 && wanted === 0 && pods === 0;
    };
    for (;;) {
      const atMs = performance.now() - startMs;
      samples.push({ atMs, ...replicas.now(), ...standing(generator) });
      progress.at(generator.runs.length, count);
      if (isOver()) break;
      if (atMs > POD_WITHIN_MS && samples.every(({ ready }) => ready === 0)) {
        throw new Error(`no pod of ${namespace} is ready after ${POD_WITHIN_MS / 1000} s: is there an image ${image}?`);
      }
      if (atMs > BACK_WITHIN_MS) throw new Error(`not back to no pods within ${BACK_WITHIN_MS / 1000} s`);
      await pause(SAMPLE_EVERY_MS, signal);
      signal.throwIfAborted();
    }
    await flood;

    const waiting = waitingOf(generator.runs);
    const lastEndMs = Math.max(...generator.runs.map(({ endMs }) => endMs)) - startMs;
    const figures = {
      firstStartMs: Math.min(...generator.runs.map(({ sentMs, waitedMs = 0 }) => sentMs - startMs + waitedMs)),
      waiting,
      lastEndMs,
      peakReplicas: Math.max(...samples.map(({ wanted }) => wanted)),
      peakReady: Math.max(...samples.map(({ ready }) => ready)),
      /** Since the last end. */
      wantsNoneAfterMs: (samples.find(({ atMs, wanted }) => atMs > lastEndMs && wanted === 0)?.atMs ?? 0) - lastEndMs,
      hasNoneAfterMs: (samples.at(-1)?.atMs ?? 0) - lastEndMs,
      failures: generator.failures,
      startedMoreThanOnce: generator.runs.filter(({ attempts }) => attempts !== 1).length,
      samples,
    };
    const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;
    const lines = tableLines([
      ['first start after', seconds(figures.firstStartMs)],
      ['waiting, p50 / p99', `${seconds(waiting.p50Ms)} / ${seconds(waiting.p99Ms)}`],
      ['last end after', seconds(lastEndMs)],
      ['most replicas wanted / ready', `${figures.peakReplicas} / ${figures.peakReady}`],
      [
        'from the last end: none wanted / none there',
        `${seconds(figures.wantsNoneAfterMs)} / ${seconds(figures.hasNoneAfterMs)}`,
      ],
    ]);
    return {
      text: [...seriesLines(samples, count), '', ...lines].join('\n'),
      figures,
      checks: [nothingFailed('executions', generator.failures)],
    };
  });
}

function standing(generator: LoadGenerator): Pick<Sample, 'waiting' | 'running' | 'ended'> {
  const running = generator.counts().get('Running') ?? 0;
  return { waiting: generator.open - running, running, ended: generator.runs.length + generator.failures.length };
}

/** One line a second, if it differs from the one before. */
function seriesLines(samples: readonly Sample[], count: number): string[] {
  const rows: string[][] = [];
  let before = '';
  for (const [index, { atMs, wanted, pods, ready, waiting, running, ended }] of samples.entries()) {
    if (index % 2 === 1 && index < samples.length - 1) continue;
    const numbers = [wanted, pods, ready, waiting, running, ended].map(String);
    if (numbers.join() === before) continue;
    before = numbers.join();
    const bar =
      '#'.repeat(Math.round((waiting / count) * BAR_WIDTH)) + '='.repeat(Math.ceil((running / count) * BAR_WIDTH));
    rows.push([(atMs / 1000).toFixed(1), ...numbers, ` ${bar.padEnd(BAR_WIDTH)}`]);
  }
  return tableLines([
    ['seconds', 'wanted', 'pods', 'ready', 'waiting', 'running', 'ended', ' # waiting, = running'],
    ...rows,
  ]);
}
