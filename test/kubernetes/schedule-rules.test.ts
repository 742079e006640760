import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { parseCron } from '../../src/api/schedule/cron-expression.ts';
import { type KubeObject, TestClient } from '../api-server/client.ts';
import { Random } from '../chaos/random.ts';
import { brokenSchedules, randomSchedule } from '../cron/triples.ts';

const CRD = new URL('../../crds/scriptschedules.copepod.dev.yaml', import.meta.url);

const api = new TestClient();
let namespace: string;

beforeAll(async () => {
  await api.establish(parse(readFileSync(CRD, 'utf8')) as KubeObject);
  namespace = await api.namespace('schedule-rules');
});
afterAll(() => api.close());

function schedule(spec: object, name = 'nightly'): KubeObject {
  return {
    apiVersion: 'copepod.dev/v1alpha1',
    kind: 'ScriptSchedule',
    metadata: { name, namespace },
    spec: { schedule: '@daily', executionTemplate: { spec: { source: '1' } }, ...spec },
  };
}

async function refusal(object: KubeObject): Promise<string | undefined> {
  return await api.apply(object, { dryRun: true }).then(
    () => undefined,
    (error: Error) => error.message,
  );
}

describe('the API server refuses a ScriptSchedule', () => {
  test.each([
    [{ schedule: '60 * * * *' }, 'the minute (the first field) must have values from 0 to 59'],
    [{ schedule: '* 24 * * *' }, 'the hour (the second field) must have values from 0 to 23'],
    [{ schedule: '* * 0 * *' }, 'the day of month (the third field) must have values from 1 to 31'],
    [{ schedule: '* * * 13 *' }, 'the month (the fourth field) must have values from 1 to 12'],
    [{ schedule: '* * * * 7' }, 'the day of week (the fifth field) must have values from 0 (Sunday) to 6'],
    [{ schedule: '* * * *' }, 'must have five fields'],
    [{ schedule: '@dayly' }, 'must be one of @yearly'],
    [{ schedule: 'TZ=UTC * * * * *' }, 'must not name a time zone, write it in timeZone'],
    [{ timeZone: '+02:00/..' }, 'spec.timeZone'],
    [{ timeZone: 'Local' }, 'must be the name of a time zone, such as Europe/Berlin'],
    [{ spread: '25h' }, 'must be a duration between 0s and 24h'],
    [{ startingDeadlineSeconds: 0 }, 'spec.startingDeadlineSeconds'],
    [{ executionTemplate: { spec: {} } }, 'exactly one of source and sourceFrom must be set'],
  ])('%j', async (spec, message) => {
    expect(await refusal(schedule(spec))).toContain(message);
  });

  test('with a name that leaves no room for the minutes', async () => {
    expect(await refusal(schedule({}, 'n'.repeat(52)))).toBeUndefined();
    expect(await refusal(schedule({}, 'n'.repeat(53)))).toContain('metadata.name');
  });
});

/** RE2's \s and the rules know only these spaces; a CronJob takes others of Unicode too. */
const isAscii = (text: string): boolean => /^[ -~\t\n\f\r]*$/.test(text);

test('the API server accepts each expression that a CronJob accepts, and most others it refuses', async () => {
  const random = new Random(3);
  const wellFormed = Array.from({ length: 150 }, () => randomSchedule(random));
  const candidates = [...wellFormed, ...brokenSchedules(random, 350)].filter(isAscii);
  let refused = 0;
  const wrong: string[] = [];
  let unseen = 0;
  for (const text of candidates) {
    const isRefused = (await refusal(schedule({ schedule: text }))) !== undefined;
    const isValid = parses(text);
    if (isRefused) refused++;
    if (isRefused && isValid) wrong.push(text);
    if (!isRefused && !isValid) unseen++;
  }
  expect(wrong).toEqual([]);
  // What a regular expression cannot tell, such as 5-1, the operator reports.
  expect(refused).toBeGreaterThan(unseen);
});

function parses(text: string): boolean {
  try {
    parseCron(text);
    return true;
  } catch {
    return false;
  }
}
