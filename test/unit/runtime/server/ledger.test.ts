import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, test } from '@jest/globals';
import type { RefusalCode, RunOutcome, RunState } from '../../../../src/api/pod-protocol.ts';
import { type LedgerBounds, RunLedger, type Work } from '../../../../src/runtime/server/ledger.ts';
import { RefusalError } from '../../../../src/runtime/server/refusal.ts';
import { outcomeOf } from './run-requests.ts';

const ROOMY: LedgerBounds = { maxActive: 100, maxRuns: 100, maxBytes: 1e6, maxRemembered: 1e6 };

function ledgerOf(bounds: Partial<LedgerBounds> = {}, full = () => {}): RunLedger {
  const ledger = new RunLedger({ ...ROOMY, ...bounds }, { failed: (id) => outcomeOf(`lost ${id}`), full });
  ledger.open();
  return ledger;
}

/** A run that the test finishes. */
function handRun(requestBytes = 10) {
  const { promise, resolve, reject } = Promise.withResolvers<RunOutcome>();
  const state = { started: 0, signal: undefined as AbortSignal | undefined };
  const work: Work = {
    requestBytes,
    run: (signal) => {
      state.started++;
      state.signal = signal;
      return promise;
    },
  };
  return { prepare: () => work, end: (result = 'done') => resolve(outcomeOf(result)), fail: reject, state };
}

const parse = (state: Buffer): RunState => JSON.parse(state.toString()) as RunState;
const finished = (result: string): RunState => ({ state: 'finished', outcome: outcomeOf(result) });

function refusal(action: () => unknown): RefusalCode | undefined {
  try {
    action();
    return undefined;
  } catch (error) {
    return (error as RefusalError).code;
  }
}

describe('a run', () => {
  test('is started once for any number of requests, and each gets its outcome', async () => {
    const ledger = ledgerOf();
    const run = handRun();
    const asked = [1, 2, 3].map(() => ledger.start('a', run.prepare));
    await turn();
    run.end('7');
    expect((await Promise.all(asked)).map(parse)).toEqual([finished('7'), finished('7'), finished('7')]);
    expect(parse(await ledger.start('a', run.prepare))).toEqual(finished('7'));
    expect(run.state.started).toBe(1);
  });

  test('is running, finished, and acknowledged', async () => {
    const ledger = ledgerOf();
    const run = handRun();
    const ended = ledger.start('a', run.prepare);
    expect(parse(ledger.state('a'))).toEqual({ state: 'running' });
    expect(refusal(() => ledger.acknowledge('a'))).toBe('StillRunning');
    run.end();
    await ended;
    expect(parse(ledger.state('a'))).toEqual(finished('done'));
    ledger.acknowledge('a');
    ledger.acknowledge('a');
    expect([ledger.active, ledger.unacknowledged, ledger.remembered, ledger.bytes]).toEqual([0, 0, 1, 0]);
    const never = (): Work => {
      throw new Error('asked to start what is over');
    };
    expect(refusal(() => ledger.start('a', never))).toBe('Acknowledged');
    expect(refusal(() => ledger.state('a'))).toBe('Acknowledged');
    expect(refusal(() => ledger.cancel('a'))).toBe('Acknowledged');
  });

  test('that was never requested is unknown', () => {
    const ledger = ledgerOf();
    for (const ask of ['state', 'cancel', 'acknowledge'] as const) {
      expect(refusal(() => ledger[ask]('a'))).toBe('UnknownRun');
    }
  });

  test('receives the cancellation, and determines its outcome', async () => {
    const ledger = ledgerOf();
    const run = handRun();
    const ended = ledger.start('a', run.prepare);
    ledger.cancel('a');
    ledger.cancel('a');
    expect(run.state.signal?.aborted).toBe(true);
    expect(parse(ledger.state('a'))).toEqual({ state: 'running' });
    run.end('cancelled');
    expect(parse(await ended)).toEqual(finished('cancelled'));
    ledger.cancel('a');
    expect(parse(ledger.state('a'))).toEqual(finished('cancelled'));
  });

  test.each([
    ['rejects', () => Promise.reject(new Error('a bug'))],
    [
      'throws',
      () => {
        throw new Error('a bug');
      },
    ],
  ])('that %s has an outcome all the same', async (_, run) => {
    const ledger = ledgerOf();
    expect(parse(await ledger.start('a', () => ({ requestBytes: 1, run })))).toEqual(finished('lost a'));
    expect([ledger.active, ledger.unacknowledged]).toEqual([0, 1]);
    ledger.acknowledge('a');
  });

  test('with an invalid request is not recorded', () => {
    const ledger = ledgerOf();
    const prepare = (): Work => {
      throw new RefusalError('BadRequest', 'no');
    };
    expect(refusal(() => ledger.start('a', prepare))).toBe('BadRequest');
    expect(refusal(() => ledger.state('a'))).toBe('UnknownRun');
    expect([ledger.active, ledger.bytes]).toEqual([0, 0]);
  });
});

describe('a run beyond a limit is refused and not started', () => {
  test('beyond the active runs, until one finishes', async () => {
    const ledger = ledgerOf({ maxActive: 1 });
    const [first, second] = [handRun(), handRun()];
    const ended = ledger.start('a', first.prepare);
    expect(refusal(() => ledger.start('b', second.prepare))).toBe('Busy');
    first.end();
    await ended;
    expect(refusal(() => ledger.start('b', second.prepare))).toBeUndefined();
    expect(second.state.started).toBe(1);
  });

  test('beyond the kept outcomes, until one is acknowledged; none is dropped', async () => {
    const ledger = ledgerOf({ maxRuns: 2 });
    for (const id of ['a', 'b']) {
      const run = handRun();
      run.end(id);
      await ledger.start(id, run.prepare);
    }
    expect(refusal(() => ledger.start('c', handRun().prepare))).toBe('Busy');
    expect(['a', 'b'].map((id) => parse(ledger.state(id)))).toEqual([finished('a'), finished('b')]);
    ledger.acknowledge('a');
    expect(refusal(() => ledger.start('c', handRun().prepare))).toBeUndefined();
  });

  test('beyond the bytes of requests and outcomes', async () => {
    const ledger = ledgerOf({ maxBytes: 1000 });
    const big = handRun(1000);
    const ended = ledger.start('a', big.prepare);
    expect(refusal(() => ledger.start('b', handRun().prepare))).toBe('Busy');
    big.end('x'.repeat(1000));
    await ended;
    expect(refusal(() => ledger.start('b', handRun().prepare))).toBe('Busy');
    ledger.acknowledge('a');
    expect(refusal(() => ledger.start('b', handRun().prepare))).toBeUndefined();
  });

  test('while no VM is warm', () => {
    const ledger = new RunLedger(ROOMY, { failed: () => outcomeOf('lost'), full: () => {} });
    expect(refusal(() => ledger.start('a', handRun().prepare))).toBe('NotReady');
    ledger.open();
    expect(refusal(() => ledger.start('a', handRun().prepare))).toBeUndefined();
  });
});

test('a full memory of ids is reported once', async () => {
  let said = 0;
  const ledger = ledgerOf({ maxRemembered: 2 }, () => said++);
  const saidAfter = [];
  for (const id of ['a', 'b', 'c']) {
    const run = handRun();
    run.end();
    await ledger.start(id, run.prepare);
    ledger.acknowledge(id);
    ledger.acknowledge(id);
    saidAfter.push(said);
  }
  expect(saidAfter).toEqual([0, 1, 1]);
});

describe('draining', () => {
  test('refuses new runs permanently, and continues running ones', async () => {
    const ledger = ledgerOf();
    const run = handRun();
    const ended = ledger.start('a', run.prepare);
    ledger.drain();
    ledger.open();
    expect(refusal(() => ledger.start('b', handRun().prepare))).toBe('Draining');
    run.end();
    expect(parse(await ledger.start('a', run.prepare))).toEqual(finished('done'));
    await ended;
    ledger.acknowledge('a');
    expect(refusal(() => ledger.start('a', run.prepare))).toBe('Acknowledged');
  });

  test('is complete once all outcomes are acknowledged', async () => {
    const ledger = ledgerOf();
    const run = handRun();
    const ended = ledger.start('a', run.prepare);
    ledger.drain();
    let isEmpty = false;
    const empty = ledger.empty().then(() => {
      isEmpty = true;
    });
    run.end();
    await ended;
    await turn();
    expect(isEmpty).toBe(false);
    ledger.acknowledge('a');
    await empty;
    await ledger.empty();
  });
});

describe('a run that is not kept', () => {
  const noSignal = new AbortController().signal;

  test('gives its outcome to its caller, and leaves nothing behind', async () => {
    const ledger = ledgerOf();
    const run = handRun();
    const ended = ledger.startUnkept('a', run.prepare, { signal: noSignal, maxActive: 1 });
    expect([ledger.active, ledger.unacknowledged, ledger.bytes]).toEqual([1, 0, 10]);
    expect(refusal(() => ledger.state('a'))).toBe('UnknownRun');
    run.end('7');
    expect(parse(await ended)).toEqual(finished('7'));
    expect([ledger.active, ledger.unacknowledged, ledger.bytes, ledger.remembered]).toEqual([0, 0, 0, 0]);
    expect(ledger.unacknowledgedIds(10)).toEqual([]);
  });

  test('is another one than a kept run with the same id', async () => {
    const ledger = ledgerOf();
    const [kept, unkept] = [handRun(), handRun()];
    const answers = [
      ledger.start('a', kept.prepare),
      ledger.startUnkept('a', unkept.prepare, { signal: noSignal, maxActive: 2 }),
    ];
    ledger.cancel('a');
    expect([kept.state.signal?.aborted, unkept.state.signal?.aborted]).toEqual([true, false]);
    kept.end('kept');
    unkept.end('unkept');
    expect((await Promise.all(answers)).map(parse)).toEqual([finished('kept'), finished('unkept')]);
  });

  test('is refused while others of any kind are as many as it accepts, or one has its id, or the ledger drains', async () => {
    const ledger = ledgerOf();
    const code = (started: Promise<unknown>) =>
      started.then(
        () => 'started',
        (error: RefusalError) => error.code,
      );
    const run = handRun();
    void ledger.start('kept', run.prepare);
    expect(await code(ledger.startUnkept('a', run.prepare, { signal: noSignal, maxActive: 1 }))).toBe('Busy');
    void ledger.startUnkept('a', run.prepare, { signal: noSignal, maxActive: 2 });
    expect(await code(ledger.startUnkept('a', run.prepare, { signal: noSignal, maxActive: 9 }))).toBe('StillRunning');
    ledger.drain();
    expect(await code(ledger.startUnkept('b', run.prepare, { signal: noSignal, maxActive: 9 }))).toBe('Draining');
  });

  test('is waited for by a drain, and has the outcome of a bug', async () => {
    const ledger = ledgerOf();
    const run = handRun();
    const ended = ledger.startUnkept('a', run.prepare, { signal: noSignal, maxActive: 1 });
    ledger.drain();
    const empty = ledger.empty();
    run.fail(new Error('a bug'));
    expect(parse(await ended)).toEqual(finished('lost a'));
    await empty;
  });
});
