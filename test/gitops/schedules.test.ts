import type { JsonValue } from '../../src/api/json.ts';
import type { ScriptSchedule } from '../../src/api/types.generated.ts';
import { validateObject } from '../../src/api/validate.ts';
import { decide, type ScheduleSituation } from '../../src/operator/schedules/decision.ts';
import { projectSchedule } from '../../src/operator/schedules/schedule-projection.ts';
import { execution } from '../unit/operator/schedules/situation.ts';
import { describeStates, SAYS, type State } from './support/states.ts';

const NOW = Date.parse('2026-11-30T10:00:30Z');

/** A schedule as the API server returns it. */
function made(spec: object = {}, status: object = { observedGeneration: -1 }): ScriptSchedule {
  const object = {
    apiVersion: 'copepod.dev/v1alpha1',
    kind: 'ScriptSchedule',
    metadata: {
      name: 'tick',
      namespace: 'acme',
      uid: 'uid-1',
      generation: 1,
      resourceVersion: '1',
      creationTimestamp: '2026-11-30T10:00:05Z',
    },
    spec: { schedule: '* * * * *', executionTemplate: { spec: { source: '1' } }, ...spec },
    status,
  };
  const validated = validateObject('ScriptSchedule', object as unknown as JsonValue, { status: true });
  if (!validated.ok) throw new Error(JSON.stringify(validated.errors));
  return validated.object;
}

/** The schedule with the status that the operator writes. */
function decided(spec: object = {}, situation: Partial<ScheduleSituation> = {}): ScriptSchedule {
  const schedule = projectSchedule(made(spec));
  return made(spec, decide({ schedule, executions: [], nowMs: NOW, ...situation }).status);
}

const refusal = { reason: 'FailedCreate', message: 'exceeded quota: scripts' } as const;
const STATES: readonly State[] = [
  ['new', made(), SAYS.MOVES],
  ['waits for its time', decided(), SAYS.DONE],
  ['an execution of it runs', decided({}, { executions: [execution('a')] }), SAYS.DONE],
  ['an execution of it has failed', decided({}, { executions: [execution('a', { ending: 'failed' })] }), SAYS.DONE],
  ['suspended', decided({ suspend: true }), SAYS.RESTS],
  ['an expression that nobody can read', decided({ schedule: '5-1 * * * *' }), SAYS.FAILED],
  ['a date that never comes', decided({ schedule: '0 0 30 2 *' }), SAYS.FAILED],
  ['no such time zone', decided({ timeZone: 'Mars/Base' }), SAYS.FAILED],
  [
    'a template without params to add to',
    decided({ executionTemplate: { spec: { source: '1', params: [] } } }),
    SAYS.FAILED,
  ],
  ['its execution is refused', decided({}, { refusal }), SAYS.FAILED],
];

describeStates(STATES);
