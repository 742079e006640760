import { Agent, request } from 'node:http';
import { openLoop } from '../overload/open-loop.ts';
import { quantile } from '../statistics.ts';

/** One request and its answer. */
export interface Answer {
  /** HTTP status; 0 where the connection broke. */
  readonly code: number;
  /** From when the request was due, in milliseconds. */
  readonly latencyMs: number;
  /** When the answer was there, by `performance.now()`. */
  readonly atMs: number;
}

/** The answers of one code. */
export interface Answers {
  readonly count: number;
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

export interface Load {
  readonly port: number;
  readonly path: string;
  readonly body: string;
  readonly durationMs: number;
  readonly signal: AbortSignal;
}

/** Keeps `concurrency` requests under way. */
export async function closedLoad(load: Load, concurrency: number): Promise<Answer[]> {
  const agent = new Agent({ keepAlive: true });
  const answers: Answer[] = [];
  const endMs = performance.now() + load.durationMs;
  const client = async (): Promise<void> => {
    while (performance.now() < endMs && !load.signal.aborted) answers.push(await send(load, agent, performance.now()));
  };
  await Promise.all(Array.from({ length: concurrency }, client));
  agent.destroy();
  return answers.filter(({ atMs }) => atMs <= endMs);
}

/** Sends at a fixed rate, whatever the answers; resolves when all are there. The last ones may come after `durationMs`. */
export async function openLoad(load: Load, perSecond: number): Promise<Answer[]> {
  const agent = new Agent({ keepAlive: true });
  const answers: Promise<Answer>[] = [];
  const endMs = performance.now() + load.durationMs;
  const loop = { perSecond, goesOn: () => performance.now() < endMs, signal: load.signal };
  await openLoop(loop, (dueMs) => void answers.push(send(load, agent, dueMs)));
  const all = await Promise.all(answers);
  agent.destroy();
  return all;
}

/** Answers by their code, over the time in which requests were sent. Pure. */
export function byCode(answers: readonly Answer[], durationMs: number): ReadonlyMap<number, Answers> {
  const groups = Map.groupBy(answers, ({ code }) => code);
  return new Map(
    [...groups].map(([code, group]) => {
      const latencies = Float64Array.from(group.map(({ latencyMs }) => latencyMs)).sort();
      const [p50Ms, p99Ms] = [quantile(latencies, 0.5), quantile(latencies, 0.99)];
      return [code, { count: group.length, perSecond: (group.length / durationMs) * 1000, p50Ms, p99Ms }];
    }),
  );
}

function send({ port, path, body }: Load, agent: Agent, dueMs: number): Promise<Answer> {
  const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
  return new Promise((resolve) => {
    const answered = (code: number): void => {
      const atMs = performance.now();
      resolve({ code, latencyMs: atMs - dueMs, atMs });
    };
    const outgoing = request({ host: '127.0.0.1', port, path, agent, method: 'POST', headers }, (response) => {
      response.resume();
      response.on('end', () => answered(response.statusCode ?? 0));
      response.on('error', () => answered(0));
    });
    outgoing.on('error', () => answered(0));
    outgoing.end(body);
  });
}
