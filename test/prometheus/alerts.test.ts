import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { findProgram, promtool, ROOT } from './programs.ts';

const RULES = 'charts/copepod/files/alerts.yaml';
const files = globSync('test/prometheus/alerts/*.yaml', { cwd: ROOT });

beforeAll(() => void findProgram('promtool'), 1_800_000); // it may have to be built first

const read = (file: string): string => readFileSync(join(ROOT, file), 'utf8');

test('promtool check rules: the alerts are valid', () => {
  expect(promtool(['check', 'rules', '--lint=all', '--lint-fatal', RULES])).toMatchObject({ code: 0 });
});

test.each(files)('promtool test rules %s: each alert fires when it should, with its text, and not before', (file) => {
  expect(promtool(['test', 'rules', file])).toMatchObject({ code: 0 });
});

test('each alert has a test in which it fires', () => {
  const { groups } = parse(read(RULES)) as { groups: { rules: { alert: string }[] }[] };
  const fired = files.flatMap((file) => {
    const { tests } = parse(read(file)) as {
      tests: { alert_rule_test: { alertname: string; exp_alerts: object[] }[] }[];
    };
    return tests.flatMap((each) =>
      each.alert_rule_test.filter(({ exp_alerts }) => exp_alerts.length > 0).map(({ alertname }) => alertname),
    );
  });
  const alerts = groups.flatMap(({ rules }) => rules.map(({ alert }) => alert));
  expect([...new Set(fired)].toSorted()).toEqual(alerts.toSorted());
});
