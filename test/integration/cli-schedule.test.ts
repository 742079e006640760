import { describe, expect, test } from '@jest/globals';
import { copepod, execution, Workspace } from './support/cli.ts';

const schedule = (name: string, spec: string): string => `apiVersion: copepod.dev/v1alpha1
kind: ScriptSchedule
metadata: { name: ${name}, namespace: shop }
spec:
${spec.replace(/^/gm, '  ')}
  executionTemplate:
    metadata: { labels: { team: sales } }
    spec:
      params: { shop: 7 }
      source: |
        export default (params) => ({ params, execution: context.execution });
`;

const BERLIN = 'schedule: 30 2 * * *\ntimeZone: Europe/Berlin';
const BEFORE_SUMMER = '2027-03-26T12:00:00Z';

describe('copepod schedule', () => {
  test('prints the next times, in UTC and as the clocks of the zone show them', async () => {
    using files = new Workspace({ 'a.yaml': schedule('nightly', BERLIN) });
    const args = ['schedule', 'a.yaml', '--at', BEFORE_SUMMER, '--count', '2'];
    const { code, stdout } = await copepod(args, { cwd: files.path });
    expect(stdout).toBe(`shop/nightly  30 2 * * *, Europe/Berlin
  2027-03-27T01:30:00Z   Sat 2027-03-27 02:30:00+01:00
  2027-03-29T00:30:00Z   Mon 2027-03-29 02:30:00+02:00
`);
    expect(code).toBe(0);
  });

  test('-o json prints a List of the schedules with the times in UTC', async () => {
    const never = schedule('never', 'schedule: 0 0 30 2 *');
    using files = new Workspace({ 'a.yaml': `${schedule('nightly', BERLIN)}---\n${never}` });
    const args = ['schedule', 'a.yaml', '--at', '2027-03-26T13:00+01:00', '--count', '2', '-o', 'json'];
    const { code, stdout } = await copepod(args, { cwd: files.path });
    const list = JSON.parse(stdout);
    expect(list).toMatchObject({ apiVersion: 'v1', kind: 'List' });
    expect(list.items).toMatchObject([
      {
        kind: 'ScriptSchedule',
        metadata: { name: 'nightly' },
        spec: { concurrencyPolicy: 'Allow' },
        status: { nextScheduleTimes: ['2027-03-27T01:30:00Z', '2027-03-29T00:30:00Z'] },
      },
      { metadata: { name: 'never' }, status: { nextScheduleTimes: [] } },
    ]);
    expect(code).toBe(0);
  });

  test.each([
    ['schedule: 61 * * * *', 'a.yaml:5:3: spec.schedule: the minute (the first field) must have values from 0 to 59'],
    ['schedule: 30-5 * * * *', 'a.yaml:5:3: spec.schedule: minute "30-5": begins after its end'],
    [
      'schedule: "@daily"\ntimeZone: Europe/berlin',
      'a.yaml:6:3: spec.timeZone: unknown time zone "Europe/berlin": did you mean',
    ],
    ['schedule: TZ=UTC @daily', 'a.yaml:5:3: spec.schedule: must not name a time zone, write it in timeZone'],
    ['schedule: "@daily"\nconcurrencyPolicy: Never', 'spec.concurrencyPolicy'],
  ])('an invalid one ends with 2: %j', async (spec, message) => {
    using files = new Workspace({ 'a.yaml': schedule('bad', spec) });
    const { code, stdout, stderr } = await copepod(['schedule', 'a.yaml'], { cwd: files.path });
    expect([stdout, code]).toEqual(['', 2]);
    expect(stderr).toContain(message);
  });

  test('says what is missing or cannot be read', async () => {
    using files = new Workspace({
      'a.yaml': schedule('nightly', BERLIN),
      'none.json': execution('none', { source: '1' }),
    });
    const none = await copepod(['schedule', 'none.json'], { cwd: files.path });
    expect(none.stderr).toContain('no ScriptSchedule in the files given');
    const time = await copepod(['schedule', 'a.yaml', '--at', 'tomorrow'], { cwd: files.path });
    expect(time.stderr).toContain('write a time like 2027-03-28T01:30:00Z');
    expect([none.code, time.code]).toEqual([2, 2]);
  });
});

describe('a ScriptSchedule for the other commands', () => {
  test('copepod run runs it once, as of --at', async () => {
    using files = new Workspace({ 'a.yaml': schedule('nightly', BERLIN) });
    const args = ['run', 'a.yaml', '--at', '2027-03-27T01:30:00.250Z', '-o', 'json'];
    const { code, stdout } = await copepod(args, { cwd: files.path });
    const [execution] = JSON.parse(stdout).items;
    expect(execution.metadata).toMatchObject({
      name: 'nightly-30101850',
      labels: { team: 'sales', 'copepod.dev/schedule': 'nightly' },
      annotations: { 'copepod.dev/scheduled-time': '2027-03-27T02:30:00+01:00' },
    });
    expect(execution.status.result).toMatchObject({
      params: { shop: 7, scheduledTime: '2027-03-27T01:30:00Z', cron: expect.any(String) },
      execution: { type: 'cron', triggeredBy: 'system' },
    });
    expect(code).toBe(0);
  });

  test('copepod validate compiles its script, at its place', async () => {
    const bad = schedule('nightly', BERLIN).replace('params,', 'params:,');
    using files = new Workspace({ 'a.yaml': bad, 'b.yaml': schedule('fine', BERLIN) });
    const { code, stdout } = await copepod(['validate', 'a.yaml', 'b.yaml'], { cwd: files.path });
    expect(stdout).toMatch(/a\.yaml:12:\d+: spec\.executionTemplate\.spec\.source: SyntaxError/);
    expect(code).toBe(2);
    const { stdout: fine } = await copepod(['validate', 'b.yaml'], { cwd: files.path });
    expect(fine).toBe('valid: 1 ScriptSchedule in 1 file\n');
  });

  test('copepod validate finds one that never starts, and a template that nothing can be started from', async () => {
    using files = new Workspace({
      'a.yaml': schedule('never', 'schedule: 0 0 30 2 *'),
      'b.yaml': schedule('list', 'schedule: "@daily"').replace('{ shop: 7 }', '[7]').replace('sales', 'sales team'),
    });
    const { code, stdout } = await copepod(['validate', 'a.yaml', 'b.yaml'], { cwd: files.path });
    expect(stdout).toContain('spec.schedule: "0 0 30 2 *" matches no time within five years');
    expect(stdout).toContain(
      'spec.executionTemplate.spec.params: must be an object: scheduledTime and cron are added to it',
    );
    expect(stdout).toContain('spec.executionTemplate.metadata.labels.team: "sales team" is not a label value');
    expect(code).toBe(2);
  });
});
