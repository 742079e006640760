import type { Aim } from '../aims.ts';
import { type Figure, figureOf } from './figures.ts';
import type { MemoryPeak } from './operator-memory.ts';
import type { RequestCounts } from './request-counts.ts';

const MAX_SHARE_OF_JOB = 75;
const MAX_LATENCY_MS = 40;
const MIN_TIMES_JOBS = 50;
const MIN_SHARE_OF_RAW = 0.5;
const MAX_MEMORY_BYTES = 250e6;
/** Difference between two runs of the same configuration. */
const NOISE = 0.1;
/**
 * Requests below this rate per execution (a status of the runtime every ten seconds, for example) are periodic and not
 * counted.
 */
const NOW_AND_THEN = 0.05;

const STATUS_WRITE = 'update scriptexecutions/status';
const OURS = /\b(scriptexecutions|scriptruntimes|events)\b/;

/** The operator's requests for the executions of a figure; see `auditedRequests`. */
export type RequestsOf = (figure: Figure) => RequestCounts | undefined;

/** The aims these figures can decide: aims of parts that did not run are left out. */
export function aimsOf(figures: readonly Figure[], requestsOf: RequestsOf): Aim[] {
  const alone = figureOf(figures, 'operator', 'alone')?.sample;
  const atOnce = figureOf(figures, 'operator', 'at-once')?.sample;
  const presentAlone = figureOf(figures, 'operator-present', 'alone')?.sample;
  const presentAtOnce = figureOf(figures, 'operator-present', 'at-once')?.sample;
  const jobAlone = figureOf(figures, 'jobs', 'alone')?.sample;
  const jobsAtOnce = figureOf(figures, 'jobs', 'at-once')?.sample;
  const raw = figureOf(figures, 'raw', 'at-once')?.sample;

  const aims: Aim[] = [];
  const aim = (text: string, measured: string, met: boolean): void => void aims.push({ text, measured, met });
  if (alone && jobAlone) {
    const times = jobAlone.p50Ms / alone.p50Ms;
    aim(`p50 at most 1/${MAX_SHARE_OF_JOB} of a Job's`, `1/${times.toFixed(1)}`, times >= MAX_SHARE_OF_JOB);
  }
  if (alone) {
    aim(`p50 at most ${MAX_LATENCY_MS} ms`, `${alone.p50Ms.toFixed(1)} ms`, alone.p50Ms <= MAX_LATENCY_MS);
  }
  if (atOnce && jobsAtOnce) {
    const times = atOnce.perSecond / jobsAtOnce.perSecond;
    aim(`throughput at least ${MIN_TIMES_JOBS} times that of Jobs`, `${times.toFixed(1)} x`, times >= MIN_TIMES_JOBS);
  }
  if (atOnce && raw) {
    const share = atOnce.perSecond / raw.perSecond;
    aim(`throughput at least ${MIN_SHARE_OF_RAW} of the raw API server's`, share.toFixed(2), share >= MIN_SHARE_OF_RAW);
  }
  if (alone && presentAlone) {
    const times = presentAlone.p50Ms / alone.p50Ms;
    aim(`p50 no longer with many present (within ${NOISE * 100} %)`, `${times.toFixed(2)} x`, times <= 1 + NOISE);
  }
  if (atOnce && presentAtOnce) {
    const times = presentAtOnce.perSecond / atOnce.perSecond;
    aim(`throughput no lower with many present (within ${NOISE * 100} %)`, `${times.toFixed(2)} x`, times >= 1 - NOISE);
  }
  return [...aims, ...memoryAims(figures), ...requestAims(figures, requestsOf)];
}

/** The larger of the known values of a peak. */
export function peakBytes({ metricsBytes = 0, procBytes = 0 }: MemoryPeak): number {
  return Math.max(metricsBytes, procBytes);
}

function memoryAims(figures: readonly Figure[]): Aim[] {
  const most = Math.max(0, ...figures.map(({ memory }) => peakBytes(memory ?? {})));
  if (most === 0) return [];
  const text = `the operator in less than ${MAX_MEMORY_BYTES / 1e6} MB`;
  return [{ text, measured: `${(most / 1e6).toFixed(0)} MB`, met: most < MAX_MEMORY_BYTES }];
}

function requestAims(figures: readonly Figure[], requestsOf: RequestsOf): Aim[] {
  return (['alone', 'at-once'] as const).flatMap((load) => {
    const figure = figureOf(figures, 'operator', load);
    const counts = figure && requestsOf(figure);
    if (!figure?.requests || !counts) return [];
    const { executions } = figure.requests;
    const ours = [...counts].filter(([key]) => OURS.test(key));
    const writes = (counts.get(STATUS_WRITE) ?? 0) / executions;
    const others = ours.reduce((sum, [key, count]) => sum + (key === STATUS_WRITE ? 0 : count), 0) / executions;
    return [
      {
        text: `two status writes an execution and nothing else, ${load === 'alone' ? 'one at a time' : 'at once'}`,
        measured: `${writes.toFixed(2)} and ${others.toFixed(2)}`,
        met: Math.abs(writes - 2) < NOW_AND_THEN && others < NOW_AND_THEN,
      },
    ];
  });
}
