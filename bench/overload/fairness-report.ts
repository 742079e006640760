import type { Step } from '../cluster/figures.ts';
import { stepsOf, stepsOfOne } from '../cluster/steps.ts';
import { tableLines } from '../cluster/table.ts';
import { type Latency, latencyOf } from './latency.ts';
import type { Run } from './load-generator.ts';
import { type Check, nothingFailed, type PartResult } from './part.ts';
import type { Round } from './steady-and-flood.ts';

const MOST_TIMES = 2;
/** Number of slowest executions per phase whose timeline is shown. */
const SLOWEST = 3;

interface PhaseFigures {
  readonly name: string;
  readonly latency: Latency;
  /** Ratio to the phase without other load. */
  readonly times: Times;
  /** Parts of the duration. */
  readonly steps: readonly Step[];
  readonly slowest: readonly Run[];
  readonly ownDelayP99Ms: number;
}

interface Times {
  readonly p50: number;
  readonly p99: number;
}

/** The result of all rounds together. */
export function fairnessResult(title: string, rounds: readonly Round[]): PartResult {
  const phases = (rounds[0]?.phases ?? []).map((_, index) => phaseFigures(rounds, index));
  const byRound = rounds.map(({ phases: [alone, flooded] }) => timesOf(flooded?.runs ?? [], alone?.runs ?? []));
  const failures = rounds.flatMap((round) => round.failures);
  const spread = byRound.length > 1 ? [`  in the flood, round by round: ${byRound.map(shown).join(', ')}`] : [];
  const beside = phases.slice(1).map(({ name, times }) => `${name.trim()} ${shown(times)}`);
  const lines = [
    ...phaseTable(title, phases),
    floodLine(rounds),
    `  times as long as alone, p50 / p99: ${beside.join(', ')}`,
    ...spread,
    '',
    ...stepTable(phases),
    '',
    ...slowestTable(phases.slice(0, 2)),
  ];
  return {
    text: lines.join('\n'),
    figures: {
      title,
      phases: phases.map(({ slowest: _, ...figures }) => figures),
      byRound,
      floods: rounds.map(({ flood, operatorLagSeconds }) => ({ ...flood, operatorLagSeconds })),
      failures,
    },
    checks: [aim(title, phases[1]?.times), nothingFailed(`${title}: executions`, failures)],
  };
}

function aim(title: string, { p50, p99 }: Times = { p50: Number.NaN, p99: Number.NaN }): Check {
  const text = `${title}: p99 in the flood at most ${MOST_TIMES} times that of alone`;
  return { text, measured: `${p99.toFixed(2)} times; p50 ${p50.toFixed(2)} times`, met: p99 <= MOST_TIMES };
}

/** One phase over all rounds. */
function phaseFigures(rounds: readonly Round[], index: number): PhaseFigures {
  const phases = rounds.flatMap(({ phases }) => phases[index] ?? []);
  const runs = phases.flatMap((phase) => phase.runs);
  const alone = rounds.flatMap(({ phases: [first] }) => first?.runs ?? []);
  return {
    name: phases[0]?.name ?? '',
    latency: latencyOf(runs),
    times: timesOf(runs, alone),
    steps: stepsOf(runs.flatMap(({ timeline }) => timeline ?? [])),
    slowest: runs.toSorted((a, b) => b.endMs - b.dueMs - (a.endMs - a.dueMs)).slice(0, SLOWEST),
    ownDelayP99Ms: Math.max(...phases.map((phase) => phase.ownDelayP99Ms)),
  };
}

function timesOf(runs: readonly Run[], alone: readonly Run[]): Times {
  const [these, those] = [latencyOf(runs), latencyOf(alone)];
  return { p50: these.p50Ms / those.p50Ms, p99: these.p99Ms / those.p99Ms };
}

function phaseTable(title: string, phases: readonly PhaseFigures[]): string[] {
  const head = [title, 'executions', 'p50 ms', 'p99 ms', 'most ms', 'own delay p99 ms'];
  const rows = phases.map(({ name, latency: { count, p50Ms, p99Ms, maxMs }, ownDelayP99Ms }) => {
    return [name, String(count), ...[p50Ms, p99Ms, maxMs, ownDelayP99Ms].map((ms) => ms.toFixed(1))];
  });
  return tableLines([head, ...rows]);
}

function floodLine(rounds: readonly Round[]): string {
  const mean = (of: (round: Round) => number): string =>
    (rounds.reduce((sum, round) => sum + of(round), 0) / rounds.length).toFixed(0);
  const lagMs = Math.max(...rounds.map(({ operatorLagSeconds = 0 }) => operatorLagSeconds * 1000));
  const rates = `created ${mean(({ flood }) => flood.createsPerSecond)} a second, done ${mean(({ flood }) => flood.perSecond)} a second`;
  return `  the flood: ${rounds[0]?.flood.count}, ${rates}; longest event loop delay of the operator ${lagMs.toFixed(0)} ms`;
}

function stepTable(phases: readonly PhaseFigures[]): string[] {
  const names = [...new Set(phases.flatMap(({ steps }) => steps.map(({ name }) => name)))];
  const rows = names.map((name) => {
    const found = phases.map(({ steps }) => steps.find((step) => step.name === name));
    return [name, ...found.map((step) => (step ? `${step.p50Ms.toFixed(1)} / ${step.p99Ms.toFixed(1)}` : ''))];
  });
  return tableLines([['p50 / p99 ms', ...phases.map(({ name }) => name.trim())], ...rows]);
}

function slowestTable(phases: readonly PhaseFigures[]): string[] {
  const all = phases.flatMap(({ name, slowest }) =>
    slowest.flatMap(({ dueMs, timeline }, index) =>
      timeline ? [{ title: index === 0 ? name.trim() : '', lateMs: timeline.sentMs - dueMs, timeline }] : [],
    ),
  );
  const steps = all.map(({ timeline }) => stepsOfOne(timeline));
  const rows = (steps[0] ?? []).map(({ name }, row) => [name, ...steps.map((each) => each[row]?.ms?.toFixed(1) ?? '')]);
  const late = ['due, create sent', ...all.map(({ lateMs }) => lateMs.toFixed(1))];
  return tableLines([[`the ${SLOWEST} slowest, ms`, ...all.map(({ title }) => title)], late, ...rows]);
}

const shown = ({ p50, p99 }: Times): string => `${p50.toFixed(2)} / ${p99.toFixed(2)}`;
