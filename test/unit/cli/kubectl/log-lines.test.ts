import { describe, expect, test } from '@jest/globals';
import { logText } from '../../../../src/cli/kubectl/logs/log-text.ts';
import { terminalStyle } from '../../../../src/cli/output/style.ts';
import { type LogLine, parsePodLine, ShownLines } from '../../../../src/cluster/executions/log-lines.ts';

const RUN = '0b1c.1.1';
const entry = (fields: object): string =>
  JSON.stringify({
    level: 'info',
    source: 'script',
    run: RUN,
    time: '2027-01-01T00:00:00.123Z',
    message: 'hi',
    ...fields,
  });

describe("a line of a pod's log", () => {
  test.each<[string, string, unknown]>([
    ['of the run', entry({}), { level: 'info', time: '2027-01-01T00:00:00.123Z', message: 'hi' }],
    ['of another run', entry({ run: '0b1c.1.12' }), undefined],
    ['of the pod, about the run', entry({ source: 'pod', message: 'request of a script' }), undefined],
    ['of the pod, at the end of the run', entry({ source: 'pod', message: 'run finished' }), 'end'],
    [
      'of a script that pretends to be the pod',
      entry({ message: 'run finished' }),
      expect.objectContaining({ level: 'info' }),
    ],
    ['that names the run in its message only', entry({ run: 'x.1.1', message: RUN }), undefined],
    ['that was cut', entry({}).slice(0, -5), undefined],
    ['that is no JSON', `error in ${RUN}`, undefined],
    ['with an unknown level', entry({ level: 'trace' }), undefined],
    ['with a message that is no text', entry({ message: 7 }), undefined],
  ])('%s', (_, text, expected) => {
    expect(parsePodLine(text, RUN)).toEqual(expected);
  });
});

test('lines that came from the pod are not shown again from the status, and a line that was logged twice is shown twice', () => {
  const line = (message: string, time = '2027-01-01T00:00:00.123Z'): LogLine => ({ time, level: 'info', message });
  const shown = new ShownLines();
  for (const each of [line('a'), line('b')]) shown.add(each);
  const inStatus = [line('a', '2027-01-01T00:00:00.123000Z'), line('a'), line('c')];
  expect(shown.missing(inStatus)).toEqual([line('a'), line('c')]);
  expect(shown.missing(inStatus)).toEqual([line('a'), line('c')]);
});

describe('a log line as text', () => {
  const style = terminalStyle(process.stdout);
  const line: LogLine = { time: '2027-01-01T00:00:00.123000Z', level: 'warn', message: 'a\u001b[2Jb\n\u202ec' };

  test('has no control characters of its script, and its further lines are indented', () => {
    expect(logText(line, { format: 'text', timestamps: true, style })).toBe(
      '2027-01-01T00:00:00.123Z warn  a\\x1b[2Jb\n      \\u202ec\n',
    );
  });

  test('in JSON is one line that holds the message as it is', () => {
    const text = logText(line, { format: 'json', timestamps: false, style });
    expect(text.trimEnd()).toMatch(/^[\x20-\x7e]+$/);
    expect(JSON.parse(text)).toEqual(line);
  });
});
