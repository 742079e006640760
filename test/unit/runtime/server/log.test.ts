import { describe, expect, test } from '@jest/globals';
import { ScriptError } from '../../../../src/runtime/script-error.ts';
import { PodLog, type PodLogLevel } from '../../../../src/runtime/server/log.ts';
import { runRequest } from './run-requests.ts';

const RUN = { id: 'uid-1.2.3', request: runRequest() };
const IDENTITY = { execution: 'uid-1', run: 'uid-1.2.3', tenant: 'acme', tenantKey: 'ns/acme', requestID: 'r-1' };
const TIME = new Date('2026-01-01T00:00:00.500Z');

function logOf(level: PodLogLevel = 'info') {
  const lines: string[] = [];
  const destination = { write: (text: string) => lines.push(text) };
  const log = new PodLog(level, { pod: destination, script: destination });
  return { log, lines, last: () => JSON.parse(lines.at(-1) ?? 'null') as Record<string, unknown> };
}

describe('a line of the log', () => {
  test('of a script has time, level, message and tenant', () => {
    const { log, last } = logOf();
    log.script(RUN, { time: TIME, level: 'warn', message: 'hi' });
    expect(last()).toEqual({ level: 'warn', source: 'script', time: TIME.toISOString(), message: 'hi', ...IDENTITY });
  });

  test.each([
    ['two lines', 'a\nb'],
    ['JSON', '"},{"level":"fatal"'],
    ['a format', '50% %s %d %j %o'],
    ['odd characters', '\u2028\u0000\ud800\u001b[31m'],
  ])('of a script is one object in one line where the message is %s', (_, message) => {
    const { log, lines, last } = logOf();
    log.script(RUN, { time: TIME, level: 'info', message });
    expect(lines.join('').match(/\n/g)).toHaveLength(1);
    expect(last().message).toBe(message);
    expect(last().level).toBe('info');
  });

  test('of a script is written at every log level of the pod', () => {
    const { log, lines } = logOf('error');
    for (const level of ['debug', 'info', 'warn', 'error'] as const)
      log.script(RUN, { time: TIME, level, message: '' });
    log.write('warn', 'not this');
    expect(lines).toHaveLength(4);
  });

  test('of a finished run has reason and usage, but not params or result', () => {
    const { log, last, lines } = logOf();
    const error = new ScriptError('RuntimeError', { message: 'no', stack: 'at SECRET' });
    const usage = { cpuMilliseconds: 1, wallMilliseconds: 2, peakHeapBytes: 3, apiCalls: 4 };
    const end = {
      logs: [{ time: TIME, level: 'info', message: 'SECRET' }],
      usage,
      startTime: TIME,
      completionTime: TIME,
    } as const;
    const run = { id: RUN.id, request: runRequest({ source: 'SECRET', params: 'SECRET' }) };
    log.ended(run, { ...end, reason: 'RuntimeError', error, result: 'SECRET' }, { waitMs: 0.12345 });
    expect(last()).toMatchObject({
      ...IDENTITY,
      ...usage,
      source: 'pod',
      message: 'run finished',
      reason: 'RuntimeError',
      errorType: 'RuntimeError',
      errorMessage: 'no',
      waitMilliseconds: 0.123,
    });
    expect(lines.join('')).not.toContain('SECRET');
  });

  test('of an error has message and stack, but not its other properties', () => {
    const { log, last } = logOf();
    log.hostFunctionFailed(RUN, 'prices.lookup', Object.assign(new TypeError('down'), { password: 'SECRET' }));
    expect(last()).toMatchObject({ ...IDENTITY, level: 'error', message: "host function 'prices.lookup' failed" });
    expect(last().error).toEqual({ type: 'TypeError', message: 'down', stack: expect.stringContaining('log.test') });
    log.hostFunctionFailed(RUN, 'f', 'a text');
    expect(last().error).toEqual({ message: 'a text' });
  });
});
