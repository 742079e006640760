import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { runDigest } from '../../../../src/api/digest.ts';
import type { JsonValue } from '../../../../src/api/json.ts';
import type { Reason } from '../../../../src/api/outcome.ts';
import type { ScriptExecution } from '../../../../src/api/types.generated.ts';
import { projectExecution } from '../../../../src/operator/executions/execution-projection.ts';
import { nextStep } from '../../../../src/operator/executions/next-step.ts';
import { CLAIM, execution, known, statusOf } from './objects.ts';

const SECRET = 'what nobody keeps';
const spec = {
  source: `/* ${SECRET} */`,
  params: { a: SECRET },
  context: { tenant: { id: 't-1', name: SECRET }, user: { id: SECRET, email: SECRET, permissions: [SECRET] } },
  startingDeadlineSeconds: 5,
  ttlSecondsAfterFinished: 60,
  priority: 3,
};
const told: ScriptExecution['status'] = {
  result: { a: SECRET },
  error: { type: 'RuntimeError', message: SECRET, retryable: false },
  logs: [{ time: CLAIM.claimTime, level: 'info', message: SECRET }],
  usage: { apiCalls: 1 },
  completionTime: CLAIM.claimTime,
};

describe('the projection of an execution', () => {
  test.each<Reason>(['Pending', 'Running', 'Completed', 'RuntimeError'])(
    'that is %s omits script, params, context, result, error and logs',
    (reason) => {
      const whole = execution({ spec, status: { ...statusOf(reason, { spec, claim: CLAIM }), ...told } });
      const annotated = {
        ...whole,
        metadata: { ...whole.metadata, annotations: { last: SECRET }, managedFields: [SECRET] },
      };
      expect(JSON.stringify(projectExecution(annotated))).not.toContain(SECRET);
    },
  );

  test.each<Reason>(['Pending', 'Running', 'Completed'])('that is %s has the digest of the whole spec', (reason) => {
    const whole = execution({ spec, status: statusOf(reason, { spec }) });
    expect(projectExecution(whole).digest).toBe(runDigest(whole.spec));
  });

  test('that waits has the fields that decide on its start', () => {
    const kept = known({ spec: { ...spec, limits: { timeout: '1s' } } });
    expect(kept.spec).toMatchObject({
      runtimeRef: { name: 'default' },
      context: { tenant: { id: 't-1' } },
      limits: { timeout: '1s' },
      priority: 3,
      startingDeadlineSeconds: 5,
    });
  });

  test('that has finished has the fields that decide on another run and on its deletion', () => {
    const kept = known({ spec, status: { ...statusOf('Completed', { spec, run: 4, claim: CLAIM }), ...told } });
    const { runtimeRef, language, backoffLimit, priority, suspend, cancel, ttlSecondsAfterFinished } = kept.spec;
    expect(kept.spec).toEqual({
      runtimeRef,
      language,
      backoffLimit,
      priority,
      suspend,
      cancel,
      ttlSecondsAfterFinished,
    });
    expect(kept.status).toMatchObject({
      run: 4,
      runDigest: kept.digest,
      claim: CLAIM,
      completionTime: CLAIM.claimTime,
    });
  });

  test('truncates a long message', () => {
    const status = statusOf('Pending');
    const conditions = (status.conditions ?? []).map((each) => ({ ...each, message: 'long '.repeat(1000) }));
    expect(known({ status: { ...status, conditions } }).status.conditions?.[0]?.message).toHaveLength(300);
  });

  test('is the same when made from the projection of a waiting one, except for its digest', () => {
    const once = known({ spec, status: statusOf('Running', { spec, claim: CLAIM }) });
    expect({ ...projectExecution(once), digest: once.digest }).toEqual(once);
  });
});

describe('a finished execution', () => {
  const CHANGES: Readonly<Record<string, (value: JsonValue) => Partial<ScriptExecution['spec']>>> = {
    source: (value) => ({ source: JSON.stringify(value) }),
    params: (params) => ({ params }),
    context: (value) => ({ context: { requestID: JSON.stringify(value) } }),
    limits: () => ({ limits: { timeout: '1s' } }),
    language: () => ({ language: 'TypeScript' }),
    runtimeRef: () => ({ runtimeRef: { name: 'other' } }),
    rerunToken: (value) => ({ rerunToken: JSON.stringify(value) }),
    priority: () => ({ priority: 7 }),
    suspend: () => ({ suspend: true }),
    backoffLimit: () => ({ backoffLimit: 7 }),
    ttlSecondsAfterFinished: () => ({ ttlSecondsAfterFinished: 1_000_000 }),
    startingDeadlineSeconds: () => ({ startingDeadlineSeconds: 1 }),
  };

  test('runs again exactly if a field that defines the run has changed, whatever the projection keeps', () => {
    const change = fc.tuple(fc.constantFrom(...Object.keys(CHANGES)), fc.jsonValue({ stringUnit: 'grapheme' }));
    const reason = fc.constantFrom<Reason>('Completed', 'RuntimeError', 'PodLost', 'Cancelled', 'SourceChanged');
    fc.assert(
      fc.property(fc.array(change, { maxLength: 3 }), reason, (changes, ended) => {
        const made = changes.map(([name, value]) =>
          (CHANGES[name] as (value: JsonValue) => object)(value as JsonValue),
        );
        const changed = Object.assign({}, ...made) as Partial<ScriptExecution['spec']>;
        const before = execution({ status: statusOf(ended, { claim: CLAIM }) });
        const now = execution({ spec: changed, metadata: { generation: 2 }, status: before.status });
        const kept = projectExecution(now);
        const step = nextStep({
          execution: kept,
          runtime: undefined,
          readyPods: 0,
          now: 0,
          waitedMs: 0,
        });
        expect(step.kind).toBe(runDigest(now.spec) === runDigest(before.spec) ? 'observe' : 'restart');
      }),
    );
  });
});
