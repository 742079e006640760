import { describe, expect, test } from '@jest/globals';
import { authorsError, authorsFrames } from '../../../../src/runtime/sandbox/stack.ts';

const program = {
  script: undefined as never,
  name: 'script.js',
  shifts: [
    [1, 1, 30],
    [2, 9, 3],
    [5, 1, 20],
  ] as const,
};

describe('frames as the author knows them', () => {
  test.each([
    ['a frame without a name', '\n    at script.js:3:7', '\n    at script.js:3:7'],
    ['a frame with a name', '\n    at f (script.js:3:7)', '\n    at f (script.js:3:7)'],
    ['a method', '\n    at Object.a [as b] (script.js:3:7)', '\n    at Object.a [as b] (script.js:3:7)'],
    ['an await', '\n    at async f (script.js:3:7)', '\n    at async f (script.js:3:7)'],
    ['a column behind what was inserted', '\n    at script.js:2:20', '\n    at script.js:2:17'],
    ['a column before it', '\n    at script.js:2:8', '\n    at script.js:2:8'],
    ['the first line', '\n    at script.js:1:31', '\n    at script.js:1:1'],
    [
      'a built-in between',
      '\n    at f (script.js:3:1)\n    at Array.map (<anonymous>)\n    at script.js:4:1',
      undefined,
    ],
    ['built-ins at the end', '\n    at script.js:3:1\n    at new Promise (<anonymous>)', '\n    at script.js:3:1'],
    ['built-ins alone', '\n    at JSON.parse (<anonymous>)', ''],
    ['frames of the guest', '\n    at script.js:3:1\n    at run (copepod:guest:1:5)', '\n    at script.js:3:1'],
    ['a frame of the wrapper', '\n    at f (script.js:3:1)\n    at script.js:5:8', '\n    at f (script.js:3:1)'],
    ['what is no frame', '\nscript.js:3:1\nat script.js:3:1', ''],
    ['nothing', '', ''],
  ])('%s', (_, frames, expected) => {
    expect(authorsFrames(frames, program)).toBe(expected ?? frames);
  });

  test('no more than twenty', () => {
    const frames = '\n    at f (script.js:3:1)'.repeat(30);
    expect(authorsFrames(frames, program).split('\n')).toHaveLength(21);
  });
});

describe('an error as its author reads it', () => {
  test('line and column are those of the topmost frame of the script', () => {
    const stack = 'Error: x\n    at JSON.parse (<anonymous>)\n    at f (script.js:3:7)\n    at script.js:4:1';
    expect(authorsError({ message: 'Error: x', stack }, program)).toEqual({
      message: 'Error: x',
      line: 3,
      column: 7,
      stack: '    at JSON.parse (<anonymous>)\n    at f (script.js:3:7)\n    at script.js:4:1',
    });
  });

  test.each(['0:1', '1:0', '9007199254740991:1', '1:3000000000'])('a frame at %s is no place in a script', (place) => {
    const stack = `Error: x\n    at f (script.js:${place})\n    at script.js:4:1`;
    expect(authorsError({ message: 'Error: x', stack }, program)).toMatchObject({ line: 4, column: 1 });
  });

  test('without a stack there is no place', () => {
    expect(authorsError({ message: 'x' }, program)).toEqual({ message: 'x' });
    expect(authorsError({ message: 'x', stack: 'anything' }, program)).toEqual({ message: 'x' });
  });

  test('frames of the guest are no part of it, whatever put them there', () => {
    const stack = '    at run (copepod:guest:1:5)\n    at script.js:3:1';
    expect(authorsError({ message: 'x', stack }, program).stack).toBe('    at script.js:3:1');
  });

  test('causes have their places too', () => {
    const cause = { message: 'y', stack: '    at script.js:4:2' };
    expect(authorsError({ message: 'x', cause }, program)).toEqual({
      message: 'x',
      cause: { message: 'y', line: 4, column: 2, stack: '    at script.js:4:2' },
    });
  });

  test('a name with characters that mean something to a pattern', () => {
    const other = { ...program, name: 'a+b.(c).js', shifts: [] };
    expect(authorsError({ message: 'x', stack: '    at a+b.(c).js:1:2' }, other)).toMatchObject({ line: 1, column: 2 });
    expect(authorsError({ message: 'x', stack: '    at aab_(c)_js:1:2' }, other)).not.toHaveProperty('line');
  });
});
