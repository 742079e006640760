import { PassThrough } from 'node:stream';
import { describe, expect, test } from '@jest/globals';
import { defaultRuntime, makeExecution } from '../../../../src/api/defaults.ts';
import type { ScriptExecution, ScriptRuntime } from '../../../../src/api/types.generated.ts';
import { executionRow } from '../../../../src/cli/kubectl/top/rows.ts';
import { tableText } from '../../../../src/cli/kubectl/top/table-text.ts';
import { view } from '../../../../src/cli/kubectl/top/view.ts';
import { terminalStyle } from '../../../../src/cli/output/style.ts';

delete process.env.FORCE_COLOR;
const style = terminalStyle(new PassThrough() as unknown as NodeJS.WriteStream);
const NOW = Date.parse('2027-01-01T00:10:00Z');
const at = (seconds: number): string => new Date(NOW - seconds * 1000).toISOString();

/** An execution that has been in a state for so many seconds. */
function execution(name: string, reason: string, seconds: number, spec: object = {}): ScriptExecution {
  const made = makeExecution({ name, namespace: 'acme' }, { source: '1', ...spec });
  const status = { Completed: 'True', RuntimeError: 'False' }[reason] ?? 'Unknown';
  const conditions = ['Succeeded', 'Ready'].map((type) => ({
    ...{ type, status, reason, message: '' },
    lastTransitionTime: at(seconds),
  }));
  const claim = { podName: 'pod-1', podUID: 'u', bootID: 'b', attempt: 1, claimTime: at(seconds) };
  const ended = status === 'Unknown' ? {} : { completionTime: at(seconds) };
  const metadata = { ...made.metadata, generation: 1, creationTimestamp: at(seconds + 1) };
  const claimed = reason === 'Running' || status !== 'Unknown' ? { claim } : {};
  return { ...made, metadata, status: { observedGeneration: 1, conditions, ...claimed, ...ended } } as ScriptExecution;
}

function runtime(status: object): ScriptRuntime {
  return { ...defaultRuntime('default', 'acme'), status } as ScriptRuntime;
}

const READY = { type: 'Ready', status: 'True', reason: 'PodsReady', message: '', lastTransitionTime: at(0) };
const runtimes = [
  runtime({
    replicas: 2,
    readyReplicas: 1,
    conditions: [READY],
    pool: { busy: 1 },
    executions: { total: 9, errors: 1, timeouts: 1 },
  }),
];
const executions = [
  execution('ok', 'Completed', 5),
  execution('bad', 'RuntimeError', 3),
  execution('runs', 'Running', 40),
  execution('runs-longer', 'Running', 400),
  execution('waits', 'RuntimeNotReady', 70, { context: { tenant: { id: 'evil\u001b[2J' } } }),
].map(executionRow);

describe('the view', () => {
  test('counts executions by runtime, and has those that run and wait longest first', () => {
    expect(view({ runtimes, executions, now: NOW }, { style, namespaces: false, ended: 10 })).toBe(
      [
        'RUNTIME   PODS   BUSY   RUNNING   WAITING   TOTAL   FAILED   STATE',
        'default   1/2    1/4    2         1         9       2        PodsReady',
        '',
        'EXECUTION     RUNTIME   TENANT        STATE             SINCE   POD',
        'runs-longer   default   acme          Running           6m      pod-1',
        'runs          default   acme          Running           40s     pod-1',
        'waits         default   evil\\x1b[2J   RuntimeNotReady   70s',
        'bad           default   acme          RuntimeError      3s      pod-1',
        'ok            default   acme          Completed         5s      pod-1',
        '',
      ].join('\n'),
    );
  });

  test('fits a terminal, and says how many executions are left out', () => {
    const text = view({ runtimes, executions, now: NOW }, { style, namespaces: true, width: 30, height: 8, ended: 10 });
    const lines = text.trimEnd().split('\n');
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(30);
    expect(lines).toHaveLength(7);
    expect(lines.at(-1)).toBe('3 more');
  });

  test('has the trouble of a runtime as its state', () => {
    const stalled = { ...READY, type: 'Stalled', reason: 'ImagePullFailed' };
    const text = view(
      { runtimes: [runtime({ conditions: [READY, stalled] })], executions: [], now: NOW },
      { style, namespaces: false, ended: 10 },
    );
    expect(text).toMatch(/ImagePullFailed\n\nNo ScriptExecutions\.\n$/);
  });

  describe('of a runtime that may have no pods', () => {
    const message = 'No pod can be created: exceeded quota\u001b[2J. Raise the ResourceQuota.';
    const stalled = { ...READY, type: 'Stalled', reason: 'QuotaExceeded', message };
    const [blocked] = [runtime({ replicas: 0, readyReplicas: 0, conditions: [stalled] })];
    blocked.spec.replicas = 3;
    const state = { runtimes: [blocked], executions, now: NOW };

    test('has the number of pods that it is to have, and what keeps it from having them', () => {
      const [, row, why] = view(state, { style, namespaces: false, ended: 10 }).split('\n');
      expect(row).toMatch(/^default +0\/3 +0\/0 .* QuotaExceeded$/);
      expect(why).toBe('default: No pod can be created: exceeded quota\\x1b[2J. Raise the ResourceQuota.');
    });

    test('fits a terminal', () => {
      const text = view(state, { style, namespaces: true, width: 30, height: 8, ended: 10 });
      const lines = text.trimEnd().split('\n');
      expect(lines[2]).toBe('acme/default: No pod can be cr');
      expect(lines).toHaveLength(7);
      expect(lines.at(-1)).toBe('4 more');
    });

    test('has the fewest pods of its autoscaling, or those that there are', () => {
      const autoscaling = { minReplicas: 2, maxReplicas: 9, targetUtilization: 70, stableWindow: '1m' };
      const scaled = { ...blocked, spec: { ...blocked.spec, autoscaling } };
      const pods = (status: object): RegExpExecArray | null =>
        /\d+\/\d+/.exec(
          view(
            { runtimes: [{ ...scaled, status }], executions: [], now: NOW },
            { style, namespaces: false, ended: 10 },
          ),
        );
      expect(pods({ conditions: [stalled] })?.[0]).toBe('0/2');
      expect(pods({ conditions: [stalled], replicas: 5, readyReplicas: 4 })?.[0]).toBe('4/5');
    });
  });

  test('says that there is nothing', () => {
    const text = view({ runtimes: [], executions: [], now: NOW }, { style, namespaces: false, ended: 10 });
    expect(text).toBe('No ScriptRuntimes.\n\nNo ScriptExecutions.\n');
  });
});

test('a change that no operator has seen counts as waiting', () => {
  const { metadata, ...rest } = execution('ok', 'Completed', 5);
  expect(executionRow({ ...rest, metadata: { ...metadata, generation: 2 } })).toMatchObject({ state: 'waiting' });
});

test('cells with colours are aligned by what is seen of them', () => {
  const red = '\u001b[31mlong cell\u001b[39m';
  expect(
    tableText([
      ['A', 'B'],
      [red, 'b'],
      ['a', 'b'],
    ]),
  ).toBe(`A           B\n${red}   b\na           b\n`);
  expect(tableText([[red, 'b']], 4)).toBe('long\n');
});
