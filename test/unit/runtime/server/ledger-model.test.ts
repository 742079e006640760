import { setImmediate as turn } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { RefusalCode, RunOutcome, RunState } from '../../../../src/api/pod-protocol.ts';
import { RunLedger } from '../../../../src/runtime/server/ledger.ts';
import type { RefusalError } from '../../../../src/runtime/server/refusal.ts';
import { outcomeOf } from './run-requests.ts';

const BOUNDS = { maxActive: 2, maxRuns: 3, maxBytes: 2000, maxRemembered: 100 };
const REQUEST_BYTES = 300;

/** A simple reference model of a ledger. */
interface Model {
  readonly runs: Map<string, { state: 'running' | 'finished' | 'over'; result?: string; starts: number }>;
  draining: boolean;
}

interface Real {
  readonly ledger: RunLedger;
  readonly resolvers: Map<string, { resolve(outcome: RunOutcome): void; reject(error: Error): void }>;
  readonly starts: Map<string, number>;
  readonly answers: Map<string, Promise<Buffer>[]>;
}

type Command = fc.AsyncCommand<Model, Real>;

const count = (model: Model, state: string): number =>
  [...model.runs.values()].filter((run) => run.state === state).length;
const stateOf = (model: Model, id: string) => model.runs.get(id)?.state;

function refusalOf(action: () => unknown): RefusalCode | undefined {
  try {
    action();
    return undefined;
  } catch (error) {
    return (error as RefusalError).code;
  }
}

/** The invariants after every step. */
function checkAll(model: Model, { ledger, starts }: Real): void {
  expect(ledger.active).toBe(count(model, 'running'));
  expect(ledger.unacknowledged).toBe(count(model, 'finished'));
  expect(ledger.remembered).toBe(count(model, 'over'));
  expect(ledger.active).toBeLessThanOrEqual(BOUNDS.maxActive);
  expect(ledger.active + ledger.unacknowledged).toBeLessThanOrEqual(BOUNDS.maxRuns);
  for (const [id, run] of model.runs) {
    expect(starts.get(id)).toBe(1);
    if (run.state === 'over') continue;
    const state = JSON.parse(ledger.state(id).toString()) as RunState;
    expect(state.state).toBe(run.state);
    if (state.state === 'finished') expect(state.outcome.result).toBe(run.result);
  }
}

const command = (name: string, id: string, run: (model: Model, real: Real) => Promise<void> | void): Command => ({
  check: () => true,
  run: async (model, real) => {
    await run(model, real);
    await turn();
    checkAll(model, real);
  },
  toString: () => `${name}(${id})`,
});

const start = (id: string): Command =>
  command('start', id, (model, real) => {
    const known = stateOf(model, id);
    const isFull =
      count(model, 'running') >= BOUNDS.maxActive ||
      count(model, 'running') + count(model, 'finished') >= BOUNDS.maxRuns ||
      real.ledger.bytes >= BOUNDS.maxBytes;
    let expected: RefusalCode | undefined;
    if (known === 'over') expected = 'Acknowledged';
    else if (known === undefined && model.draining) expected = 'Draining';
    else if (known === undefined && isFull) expected = 'Busy';

    const actual = refusalOf(() => {
      const answer = real.ledger.start(id, () => ({
        requestBytes: REQUEST_BYTES,
        run: (signal) => {
          real.starts.set(id, (real.starts.get(id) ?? 0) + 1);
          return new Promise<RunOutcome>((resolve, reject) => {
            real.resolvers.set(id, { resolve, reject });
            signal.addEventListener('abort', () => resolve(outcomeOf('cancelled')), { once: true });
          });
        },
      }));
      real.answers.set(id, [...(real.answers.get(id) ?? []), answer]);
    });
    expect(actual).toBe(expected);
    if (expected === undefined && known === undefined) model.runs.set(id, { state: 'running', starts: 1 });
  });

const end = (id: string, result: string): Command =>
  command('end', id, async (model, real) => {
    const run = model.runs.get(id);
    if (result === 'bug') real.resolvers.get(id)?.reject(new Error('a bug'));
    else real.resolvers.get(id)?.resolve(outcomeOf(result));
    if (run?.state !== 'running') return;
    model.runs.set(id, { ...run, state: 'finished', result: result === 'bug' ? `lost ${id}` : result });
    const answers = await Promise.all(real.answers.get(id) ?? []);
    expect(new Set(answers.map(String)).size).toBe(1);
  });

const cancel = (id: string): Command =>
  command('cancel', id, (model, real) => {
    const run = model.runs.get(id);
    const expected = { running: undefined, finished: undefined, over: 'Acknowledged' } as const;
    expect(refusalOf(() => real.ledger.cancel(id))).toBe(run === undefined ? 'UnknownRun' : expected[run.state]);
    if (run?.state === 'running') model.runs.set(id, { ...run, state: 'finished', result: 'cancelled' });
  });

const acknowledge = (id: string): Command =>
  command('acknowledge', id, (model, real) => {
    const run = model.runs.get(id);
    const expected = { running: 'StillRunning', finished: undefined, over: undefined } as const;
    expect(refusalOf(() => real.ledger.acknowledge(id))).toBe(run === undefined ? 'UnknownRun' : expected[run.state]);
    if (run?.state === 'finished') model.runs.set(id, { ...run, state: 'over' });
  });

const drain = (): Command =>
  command('drain', '', (model, real) => {
    real.ledger.drain();
    model.draining = true;
  });

test('in any order of events no run starts twice, no outcome is lost before its acknowledgement, and bounds hold', async () => {
  const id = fc.constantFrom('a', 'b', 'c', 'd', 'e');
  const ended = fc.tuple(id, fc.constantFrom('x', 'y'.repeat(800), 'bug')).map(([each, result]) => end(each, result));
  const often = [id.map(start), id.map(start), ended, ended, id.map(cancel), id.map(acknowledge), id.map(acknowledge)];
  // Rare, because few events are possible afterwards.
  const commands = fc.commands([...often, ...often, fc.constant(drain())], { size: '+1' });
  await fc.assert(
    fc.asyncProperty(commands, async (steps) => {
      await fc.asyncModelRun(() => {
        const ledger = new RunLedger(BOUNDS, { failed: (lost) => outcomeOf(`lost ${lost}`), full: () => {} });
        ledger.open();
        const real: Real = { ledger, resolvers: new Map(), starts: new Map(), answers: new Map() };
        return { model: { runs: new Map(), draining: false }, real };
      }, steps);
    }),
    { numRuns: 200 },
  );
});
