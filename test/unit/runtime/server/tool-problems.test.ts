import { describe, expect, test } from '@jest/globals';
import { MAX_TOOL_MESSAGE, MAX_TOOL_PROBLEMS } from '../../../../src/api/pod-protocol.ts';
import { boundedProblems } from '../../../../src/runtime/server/tool-problems.ts';

const problems = (message: string, count = MAX_TOOL_PROBLEMS): { name: string; message: string }[] =>
  Array.from({ length: count }, (_, index) => ({ name: `${index}`.padStart(63, 'n'), message }));

describe('problems of tools in the statistics of a pod', () => {
  test.each([
    ['halves of characters', '\ud800'],
    ['control characters', '\u0001'],
    ['Chinese words', '服务器'],
    ['emoji', '🧨'],
    ['quotes', '"'],
    ['one letter', 'x'],
  ])('of %s are in 4 KiB, each with its beginning', (_, character) => {
    const bounded = boundedProblems(problems(character.repeat(300)));
    expect(Buffer.byteLength(JSON.stringify(bounded))).toBeLessThanOrEqual(4 << 10);
    expect(bounded).toHaveLength(MAX_TOOL_PROBLEMS);
    for (const { message } of bounded) {
      expect(message.length).toBeGreaterThan(10);
      expect(message.length).toBeLessThanOrEqual(MAX_TOOL_MESSAGE);
      expect(message.isWellFormed()).toBe(true);
      expect(message.endsWith('…')).toBe(true);
    }
  });

  test('stay as they are where they are short', () => {
    const short = problems('the server refuses connections');
    expect(boundedProblems(short)).toEqual(short);
  });

  test('have 300 UTF-16 units where there are few of them', () => {
    const [problem] = boundedProblems(problems('x'.repeat(1000), 1));
    expect(problem?.message).toBe(`${'x'.repeat(MAX_TOOL_MESSAGE - 1)}…`);
  });
});
