import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { openSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { findBinaries } from '../../../api-server/binaries.ts';
import { currentConnection } from '../../../api-server/connection.ts';

/** A second API server on the etcd of the test run that can be stopped and started. */
export interface SecondApiServer {
  readonly port: number;
  /** Resolves when it is ready. */
  start(): Promise<void>;
  stop(): Promise<void>;
}

export async function secondApiServer(): Promise<SecondApiServer> {
  const { directory, token } = currentConnection();
  const port = await freePort();
  const leash =
    spawnSync('setpriv', ['--pdeathsig', 'KILL', 'true']).status === 0 ? ['setpriv', '--pdeathsig', 'KILL', '--'] : [];
  let child: ChildProcess | undefined;
  const isReady = async (): Promise<boolean> => {
    // Only the status code is read, so certificates need no check.
    const args = ['-sk', '-o', '/dev/null', '-w', '%{http_code}', '-H', `authorization: Bearer ${token}`];
    const curl = spawn('curl', [...args, `https://127.0.0.1:${port}/readyz`], { stdio: ['ignore', 'pipe', 'ignore'] });
    let code = '';
    curl.stdout.on('data', (text) => {
      code += text;
    });
    await once(curl, 'close');
    return code === '200';
  };
  return {
    port,
    async start() {
      const log = openSync(join(directory, 'second-apiserver.log'), 'a');
      const [command = '', ...args] = [...leash, join(findBinaries(), 'kube-apiserver')];
      child = spawn(command, [...args, ...arguments_(port)], { cwd: directory, stdio: ['ignore', log, log] });
      while (!(await isReady())) {
        if (child.exitCode !== null) throw new Error(`the second API server exited: see its log in ${directory}`);
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    },
    async stop() {
      if (!child || child.exitCode !== null || child.signalCode !== null) return;
      child.kill('SIGKILL');
      await once(child, 'exit');
    },
  };
}

function arguments_(port: number): string[] {
  return [
    '--etcd-servers=unix://client:0',
    ...['--bind-address=127.0.0.1', `--secure-port=${port}`, '--cert-dir=certificates'],
    ...['--authorization-mode=RBAC', '--token-auth-file=tokens.csv'],
    ...['--disable-admission-plugins=ServiceAccount', '--endpoint-reconciler-type=none'],
    '--service-cluster-ip-range=10.0.0.0/24',
    '--service-account-issuer=https://kubernetes.default.svc',
    ...['--service-account-key-file=service-accounts.key', '--service-account-signing-key-file=service-accounts.key'],
  ];
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}
