import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { outcomeOf, PodProcess } from './pod-process.ts';

const NEIGHBOURS = 50;

let pod: PodProcess;
beforeAll(async () => {
  pod = await PodProcess.serving({ config: { pool: { size: 3 }, limits: { timeout: '60s', cpuTime: '60s' } } });
});
afterAll(() => pod[Symbol.asyncDispose]());

describe.each([
  ['empty-lines', 'for (;;) console.log("")'],
  ['long-lines', 'const text = "x".repeat(8000); for (;;) console.log(text)'],
])('beside a run that logs %s without end', (name, source) => {
  test('every line and record of its neighbours is there; of the flood, what its budget allows', async () => {
    const flood = pod.run(`${name}.1.1`, { source });
    await pod.logged(({ run }) => run === `${name}.1.1`);
    for (let i = 1; i <= NEIGHBOURS; i++) {
      const answer = await pod.run(`neighbour-${name}.${i}.1`, {
        source: 'console.log("hello"); 1',
        tenantKey: 'ns/b',
      });
      expect(outcomeOf(answer).result).toBe(1);
    }
    await pod.cancel(`${name}.1.1`);
    const { usage, logs } = outcomeOf(await flood);
    await pod.logged(({ run, message }) => run === `${name}.1.1` && message === 'run finished');

    const ofNeighbours = pod.log.filter(({ execution }) => execution === `neighbour-${name}`);
    expect(ofNeighbours.filter(({ message }) => message === 'hello')).toHaveLength(NEIGHBOURS);
    expect(ofNeighbours.filter(({ message }) => message === 'run finished')).toHaveLength(NEIGHBOURS);
    const ofFlood = pod.log.filter(({ run, source: from }) => run === `${name}.1.1` && from === 'script');
    const seconds = usage.wallMilliseconds / 1000;
    expect(ofFlood.length).toBeLessThanOrEqual(1000 + 1000 * seconds);
    const bytes = ofFlood.reduce((sum, { message }) => sum + String(message).length, 0);
    expect(bytes).toBeLessThanOrEqual((512 + 256 * seconds) * 1024);
    expect(ofFlood.some(({ level, message }) => level === 'warn' && /^\d+ lines left out$/.test(String(message)))).toBe(
      true,
    );
    expect(logs.length).toBeGreaterThan(0);
  });
});
