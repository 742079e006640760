import { spawn } from 'node:child_process';

export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface KubectlOptions {
  readonly input?: string;
  /** Impersonated user: `--as`. */
  readonly as?: string;
}

/** Runs kubectl and returns its exit code and output. */
export function tryKubectl(args: readonly string[], { input = '', as }: KubectlOptions = {}): Promise<Ran> {
  return new Promise((resolve, reject) => {
    const child = spawn('kubectl', [...args, ...(as === undefined ? [] : ['--as', as])]);
    let [stdout, stderr] = ['', ''];
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    child.stdin.on('error', () => {}).end(input);
    child.on('error', reject);
    child.on('close', (code) => resolve({ code: code ?? -1, stdout, stderr }));
  });
}

/** Runs kubectl and returns its output. Throws with its errors if it fails. */
export async function kubectl(args: readonly string[], options?: KubectlOptions): Promise<string> {
  const { code, stdout, stderr } = await tryKubectl(args, options);
  if (code !== 0) throw new Error(`kubectl ${args.join(' ')}\n${stderr}${stdout}`);
  return stdout;
}

/** Runs kubectl and parses its JSON output. */
export async function kubectlJson<T>(args: readonly string[]): Promise<T> {
  return JSON.parse(await kubectl([...args, '--output', 'json'])) as T;
}
