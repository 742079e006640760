import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { checkFromSandbox } from '../../../../src/runtime/wire/from-sandbox.ts';

const done = { op: 'done', id: 1, cpuMicroseconds: 5, heapBytes: 6, clean: true };
const value = { kind: 'value', json: '1' };

/** A chain of causes this long. */
const causes = (length: number): object =>
  length === 0 ? { message: 'x' } : { message: 'x', cause: causes(length - 1) };

describe('messages that fit are taken as they are', () => {
  test.each<[string, object]>([
    ['the first word', { op: 'ack', id: 0 }],
    ['ack', { op: 'ack', id: 3 }],
    ['compiled', { op: 'compiled', id: 1, codeBytes: 10, shifts: [[1, 1, 5]] }],
    ['log', { op: 'log', id: 1, lines: [{ microseconds: 1, level: 'info', message: 'x' }] }],
    ['no lines', { op: 'log', id: 1, lines: [] }],
    ['call', { op: 'call', id: 1, call: 0, name: 'f', args: '[]' }],
    ['a result', { ...done, report: value }],
    ['no result', { ...done, report: { kind: 'value', json: null } }],
    ['an error', { ...done, report: { kind: 'thrown', error: { message: 'x', line: 1, column: 2, stack: 's' } } }],
    ['an error with causes', { ...done, report: { kind: 'thrown', error: causes(5) } }],
    ['a syntax error', { ...done, report: { kind: 'syntax', error: { message: 'x' } } }],
    ['a large result', { ...done, report: { kind: 'result-too-large', bytes: 5 } }],
    ['a promise for ever', { ...done, report: { kind: 'never-settles' } }],
    ['memory', { ...done, report: { kind: 'out-of-memory' } }],
  ])('%s', (_, message) => {
    expect(checkFromSandbox(message)).toBe(message);
  });
});

describe('messages that fit nothing are refused', () => {
  test.each<[string, unknown]>([
    ['null', null],
    ['text', 'ack'],
    ['a list', []],
    ['no operation', { id: 1 }],
    ['an unknown operation', { op: 'exec', id: 1 }],
    ['an operation of the prototype', { op: 'toString', id: 1 }],
    ['no id', { op: 'ack' }],
    ['a negative id', { op: 'ack', id: -1 }],
    ['an id with a fraction', { op: 'ack', id: 1.5 }],
    ['an id as text', { op: 'ack', id: '1' }],
    ['too many lines', { op: 'log', id: 1, lines: Array(1025).fill({ microseconds: 1, level: 'info', message: '' }) }],
    ['an unknown level', { op: 'log', id: 1, lines: [{ microseconds: 1, level: 'fatal', message: '' }] }],
    ['a time that is no count', { op: 'log', id: 1, lines: [{ microseconds: -1, level: 'info', message: '' }] }],
    ['a line that is no text', { op: 'log', id: 1, lines: [{ microseconds: 1, level: 'info', message: {} }] }],
    [
      'a line too long',
      { op: 'log', id: 1, lines: [{ microseconds: 1, level: 'info', message: 'x'.repeat(2 ** 20 + 1) }] },
    ],
    ['lines that are no list', { op: 'log', id: 1, lines: { length: 1 } }],
    ['a call without a number', { op: 'call', id: 1, name: 'f', args: '[]' }],
    ['arguments that are no text', { op: 'call', id: 1, call: 1, name: 'f', args: [] }],
    ['no report', done],
    ['an unknown report', { ...done, report: { kind: 'fine' } }],
    ['a result that is no text', { ...done, report: { kind: 'value', json: 5 } }],
    ['a result left out', { ...done, report: { kind: 'value' } }],
    ['an error that is text', { ...done, report: { kind: 'thrown', error: 'x' } }],
    ['an error without a message', { ...done, report: { kind: 'thrown', error: { line: 1 } } }],
    ['a negative line', { ...done, report: { kind: 'thrown', error: { message: 'x', line: -1 } } }],
    ['a stack that is no text', { ...done, report: { kind: 'thrown', error: { message: 'x', stack: 1 } } }],
    ['causes without end', { ...done, report: { kind: 'thrown', error: causes(50) } }],
    ['a cause that is none', { ...done, report: { kind: 'thrown', error: { message: 'x', cause: 1 } } }],
    ['time that is no number', { ...done, report: value, cpuMicroseconds: null }],
    ['no word on what is left', { op: 'done', id: 1, report: value, cpuMicroseconds: 1, heapBytes: 1 }],
    ['shifts that are none', { op: 'compiled', id: 1, codeBytes: 1, shifts: [[1, 2]] }],
    [
      'more shifts than a sandbox sends',
      { op: 'compiled', id: 1, codeBytes: 1, shifts: Array(50_001).fill([1, 2, 3]) },
    ],
    ['a shift without end', { op: 'compiled', id: 1, codeBytes: 1, shifts: [[1, 2, 2 ** 32]] }],
    ['more code than a sandbox sends', { op: 'compiled', id: 1, codeBytes: (4 << 20) + 1, shifts: [] }],
    ['shifts of text', { op: 'compiled', id: 1, codeBytes: 1, shifts: [['1', 2, 3]] }],
  ])('%s', (_, message) => {
    expect(() => checkFromSandbox(message)).toThrow(TypeError);
  });

  test('whatever JSON comes, it is refused or fits; nothing else is thrown', () => {
    const hostile = fc.record(
      {
        op: fc.constantFrom('ack', 'compiled', 'log', 'call', 'done'),
        id: fc.oneof(fc.nat(), fc.jsonValue()),
        lines: fc.jsonValue(),
        report: fc.jsonValue(),
        shifts: fc.jsonValue(),
        name: fc.jsonValue(),
        args: fc.jsonValue(),
        call: fc.jsonValue(),
      },
      { requiredKeys: ['op'] },
    );
    fc.assert(
      fc.property(fc.oneof(hostile, fc.jsonValue()), (message) => {
        try {
          expect(checkFromSandbox(message)).toBe(message);
        } catch (error) {
          expect(error).toBeInstanceOf(TypeError);
        }
      }),
      { numRuns: 1000 },
    );
  });
});
