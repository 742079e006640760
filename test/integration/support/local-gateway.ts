import { type ChildProcess, spawn } from 'node:child_process';
import { request } from 'node:http';
import { join } from 'node:path';
import { until } from '../../support/until.ts';
import { ROOT } from './cli.ts';

const MAIN = join(ROOT, 'dist/cli/main.js');

export interface LocalRequest {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string | string[]>>;
  readonly body?: string | Buffer;
}

export interface LocalAnswer {
  readonly status: number;
  readonly statusText: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
}

/** `copepod gateway --local` as a process. */
export class LocalGateway {
  readonly port: number;
  readonly #child: ChildProcess;
  readonly #exited: Promise<unknown>;

  private constructor(port: number, child: ChildProcess, exited: Promise<unknown>) {
    this.port = port;
    this.#child = child;
    this.#exited = exited;
  }

  /** Starts it, and waits until it listens. */
  static async start(args: readonly string[]): Promise<LocalGateway> {
    const child = spawn(process.execPath, [MAIN, 'gateway', '--local', ...args, '--port', '0'], {
      env: { ...process.env, NODE_OPTIONS: '' },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let output = '';
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
    const exited = new Promise((resolve) => child.on('close', resolve));
    const port = await until('the gateway to listen', () => /listening port=(\d+)/.exec(output)?.[1], {
      why: () => output,
    });
    return new LocalGateway(Number(port), child, exited);
  }

  async send(path: string, request: LocalRequest = {}): Promise<LocalAnswer> {
    return await send(this.port, path, request);
  }

  async close(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.#exited;
  }
}

/** Sends a request to a port of this machine. */
export async function send(
  port: number,
  path: string,
  { method = 'GET', headers = {}, body }: LocalRequest = {},
): Promise<LocalAnswer> {
  return await new Promise((resolve, reject) => {
    const options = { host: '127.0.0.1', port, path, method, headers, agent: false };
    const asking = request(options, (answer) => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk));
      answer.on('error', reject).on('end', () => {
        const { statusCode: status = 0, statusMessage: statusText = '', headers: given } = answer;
        resolve({ status, statusText, headers: given, text: Buffer.concat(chunks).toString() });
      });
    });
    asking.on('error', reject).end(body);
  });
}
