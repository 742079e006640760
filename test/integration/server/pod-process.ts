import { type ChildProcess, spawn } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { Agent, type IncomingHttpHeaders, request } from 'node:http';
import { join } from 'node:path';
import type { PodStats, Refusal, RunRequest, RunState } from '../../../src/api/pod-protocol.ts';
import { makeToken, type TokenClaims } from '../../../src/api/pod-token.ts';
import { until } from '../../support/until.ts';
import { runRequest } from '../../unit/runtime/server/run-requests.ts';
import { ROOT } from '../support/cli.ts';

export { runRequest };

export const POD_UID = '0f7c1f4e-6a34-4c2b-9a51-5b4d5f0e8a11';

export interface PodOptions {
  readonly config?: object;
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

export interface SendOptions {
  readonly claims?: Partial<TokenClaims>;
  readonly signal?: AbortSignal;
  /** Replaces the operator's token. */
  readonly authorization?: string | undefined;
  /** Sent instead of the signed body. */
  readonly sentBody?: string;
}

export type LogEntry = Readonly<Record<string, unknown>>;

const { publicKey, privateKey } = generateKeyPairSync('ed25519');

/** A process of the built `copepod runtime`, and the operator with its key. */
export class PodProcess {
  readonly child: ChildProcess;
  readonly exited: Promise<number | null>;
  readonly log: LogEntry[] = [];
  /** Lines of standard output that are not JSON. */
  readonly noise: string[] = [];
  stderr = '';
  port = 0;
  bootID = '';
  epoch = 1;
  readonly agent = new Agent({ keepAlive: true, maxSockets: 100 });
  #partial = '';

  private constructor(child: ChildProcess) {
    this.child = child;
    child.stdout?.setEncoding('utf8').on('data', (text: string) => this.#read(text));
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.stderr += text;
    });
    this.exited = new Promise((resolve) => child.on('close', (code) => resolve(code)));
  }

  /** Starts a pod and waits until it listens. */
  static async start({ config = {}, args = [], env = {} }: PodOptions = {}): Promise<PodProcess> {
    const { NODE_OPTIONS: _, ...inherited } = process.env;
    const child = spawn(
      process.execPath,
      [join(ROOT, 'dist/cli/main.js'), 'runtime', '--port', '0', '--address', '127.0.0.1', ...args],
      {
        cwd: ROOT,
        env: {
          ...inherited,
          COPEPOD_POD_UID: POD_UID,
          COPEPOD_PUBLIC_KEY: JSON.stringify(publicKey.export({ format: 'jwk' })),
          COPEPOD_RUNTIME_CONFIG: JSON.stringify({ pool: { size: 2 }, ...config }),
          ...env,
        },
      },
    );
    const pod = new PodProcess(child);
    const { port, bootID } = await pod.logged(({ message }) => message === 'listening');
    pod.port = port as number;
    pod.bootID = bootID as string;
    return pod;
  }

  /** Starts a pod and waits until it serves. */
  static async serving(options?: PodOptions): Promise<PodProcess> {
    const pod = await PodProcess.start(options);
    await pod.logged(({ state }) => state === 'Serving');
    return pod;
  }

  /** The Authorization header of a request, as the operator creates it. */
  sign(request: Partial<TokenClaims> & Pick<TokenClaims, 'method' | 'path'>): string {
    const { bootID, epoch } = this;
    return `Bearer ${makeToken(privateKey, { podUID: POD_UID, bootID, epoch, ...request })}`;
  }

  /** Sends a signed request. */
  async send(method: string, path: string, body?: string, options: SendOptions = {}): Promise<Answer> {
    const { claims = {}, signal, sentBody = body } = options;
    const sign = (): string => this.sign({ method, path, body, ...claims });
    const authorization = 'authorization' in options ? options.authorization : sign();
    const headers = {
      ...(authorization === undefined ? {} : { authorization }),
      ...(sentBody === undefined ? {} : { 'content-length': Buffer.byteLength(sentBody) }),
    };
    return await new Promise((resolve, reject) => {
      const { agent, port } = this;
      const outgoing = request({ host: '127.0.0.1', port, method, path, agent, headers, signal }, (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (part: string) => {
          text += part;
        });
        response.on('error', reject).on('end', () => {
          resolve({ status: response.statusCode ?? 0, headers: response.headers, text });
        });
      });
      outgoing.on('error', reject).end(sentBody);
    });
  }

  run(id: string, changes: Partial<RunRequest> = {}, options?: SendOptions): Promise<Answer> {
    return this.send('POST', `/v1/runs/${id}`, JSON.stringify(runRequest(changes)), options);
  }

  get(id: string, options?: SendOptions): Promise<Answer> {
    return this.send('GET', `/v1/runs/${id}`, undefined, options);
  }

  cancel(id: string): Promise<Answer> {
    return this.send('POST', `/v1/runs/${id}/cancel`);
  }

  acknowledge(id: string): Promise<Answer> {
    return this.send('DELETE', `/v1/runs/${id}`);
  }

  async stats(): Promise<PodStats> {
    return JSON.parse((await this.send('GET', '/v1/stats')).text) as PodStats;
  }

  /** Sends an unsigned request. */
  open(path: string): Promise<Answer> {
    return this.send('GET', path, undefined, { authorization: undefined });
  }

  /** Waits for a log line. */
  async logged(matches: (entry: LogEntry) => boolean): Promise<LogEntry> {
    return await until('a log line', () => this.log.find(matches), {
      why: () => `${this.log.map((each) => JSON.stringify(each)).join('\n')}${this.stderr}`,
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.agent.destroy();
    this.child.kill('SIGKILL');
    await this.exited;
  }

  #read(text: string): void {
    const lines = (this.#partial + text).split('\n');
    this.#partial = lines.pop() ?? '';
    for (const line of lines) {
      try {
        this.log.push(JSON.parse(line) as LogEntry);
      } catch {
        this.noise.push(line);
      }
    }
  }
}

export const stateOf = ({ text }: Answer): RunState => JSON.parse(text) as RunState;

/** The outcome in an answer. */
export function outcomeOf(answer: Answer) {
  const state = stateOf(answer);
  if (answer.status !== 200 || state.state !== 'finished')
    throw new Error(`no outcome: ${answer.status} ${answer.text}`);
  return state.outcome;
}

/** Status and code of a refusal. */
export function refusalOf({ status, text }: Answer): [number, string] {
  return [status, (JSON.parse(text) as Refusal).code];
}
