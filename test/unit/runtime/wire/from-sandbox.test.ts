import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { checkFromSandbox } from '../../../../src/runtime/wire/from-sandbox.ts';

const done = { op: 'done', id: 1, cpuMicroseconds: 5, heapBytes: 6, clean: true };
const value = { kind: 'value', json: '1' };

const file = {
  name: 'a.js',
  kind: 'script',
  imports: {},
  mayWait: false,
  mayThrow: false,
  usesMeta: false,
  declaresContext: false,
};
const compilation = {
  kind: 'program',
  program: { files: [file], imports: {}, webNames: '', usesConsole: false, mayCancelRejections: false },
  isSource: [true],
  parts: [
    [0, 'latin1'],
    [8, 'bytes'],
    [0, 'latin1'],
  ],
};

/** A chain of causes this long. */
const causes = (length: number): object =>
  length === 0 ? { message: 'x' } : { message: 'x', cause: causes(length - 1) };

describe('messages that fit are taken as they are', () => {
  test.each<[string, object]>([
    ['ack', { op: 'ack', id: 0 }],
    ['a compiled program', { op: 'compiled', id: 1, compilation }],
    [
      'a source that does not compile',
      { op: 'compiled', id: 1, compilation: { kind: 'error', error: { message: 'x' } } },
    ],
    ['a program with files missing', { op: 'compiled', id: 1, compilation: { kind: 'missing', names: ['a.ts'] } }],
    ['a program that needs a parser', { op: 'compiled', id: 1, compilation: { kind: 'needs-more' } }],
    [
      'an error of several',
      { ...done, report: { kind: 'thrown', error: { message: 'x', errors: [{ message: 'y' }] } } },
    ],
    ['log', { op: 'log', id: 1, lines: [{ microseconds: 1, level: 'info', message: 'x' }] }],
    ['no lines', { op: 'log', id: 1, lines: [] }],
    ['call', { op: 'call', id: 1, call: 0, name: 'f', args: '[]' }],
    ['a read of a body', { op: 'body', id: 1, call: 0, step: 'read' }],
    ['the end of its reading', { op: 'body', id: 1, call: 0, step: 'cancel' }],
    ['a result', { ...done, report: value }],
    ['no result', { ...done, report: { kind: 'value', json: null } }],
    ['an error', { ...done, report: { kind: 'thrown', error: { message: 'x', line: 1, column: 2, stack: 's' } } }],
    ['an error with causes', { ...done, report: { kind: 'thrown', error: causes(5) } }],
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
    ['text', 'ready'],
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
    ['an unknown step of a body', { op: 'body', id: 1, call: 1, step: 'write' }],
    ['a read of a body without a number', { op: 'body', id: 1, step: 'read' }],
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
    [
      'more errors than a sandbox sends',
      { ...done, report: { kind: 'thrown', error: { message: 'x', errors: Array(17).fill({ message: 'y' }) } } },
    ],
    ['a program of nothing', { op: 'compiled', id: 1, compilation: { ...compilation, program: null } }],
    [
      'a file of an unknown kind',
      {
        op: 'compiled',
        id: 1,
        compilation: { ...compilation, program: { ...compilation.program, files: [{ ...file, kind: 'wasm' }] } },
      },
    ],
    [
      'an import that is no name',
      {
        op: 'compiled',
        id: 1,
        compilation: { ...compilation, program: { ...compilation.program, files: [{ ...file, imports: { a: 1 } }] } },
      },
    ],
    [
      'more files than a program has',
      {
        op: 'compiled',
        id: 1,
        compilation: { ...compilation, program: { ...compilation.program, files: Array(4097).fill(file) } },
      },
    ],
    [
      'names of globals that are no text',
      {
        op: 'compiled',
        id: 1,
        compilation: { ...compilation, program: { ...compilation.program, webNames: ['URL'] } },
      },
    ],
    ['parts that are none', { op: 'compiled', id: 1, compilation: { ...compilation, parts: [[-1, 'latin1']] } }],
    ['parts of an unknown encoding', { op: 'compiled', id: 1, compilation: { ...compilation, parts: [[1, 'utf7']] } }],
    ['a compilation of an unknown kind', { op: 'compiled', id: 1, compilation: { kind: 'done' } }],
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
        compilation: fc.jsonValue(),
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
