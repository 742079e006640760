/**
 * Runs an API server and its etcd for as long as this process's stdin stays open, then stops both and removes their
 * files. The pipe closes however the parent process exits, so nothing is left behind. A line `etcd SIGNAL` sends etcd a
 * signal; `etcd start` starts it again.
 *
 *   node keeper.ts BINARIES_DIRECTORY     prints one line of JSON (`Connection`) once the server is ready
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Connection } from './connection.ts';

const READY_WITHIN_MS = 60_000;

const binaries = process.argv[2];
if (!binaries) throw new Error('usage: keeper.ts BINARIES_DIRECTORY');
const directory = mkdtempSync(join(tmpdir(), 'copepod-api-server-'));
const children = new Map<string, ChildProcess>();
let ending = false;
let isEtcdDown = false;

// If this process is killed, the kernel kills its children (Linux).
const leash =
  spawnSync('setpriv', ['--pdeathsig', 'KILL', 'true']).status === 0 ? ['setpriv', '--pdeathsig', 'KILL', '--'] : [];

function launch(name: string, args: string[]): void {
  const log = openSync(join(directory, `${name}.log`), 'a');
  const [command = '', ...rest] = [...leash, join(binaries as string, name), ...args];
  const child = spawn(command, rest, { cwd: directory, stdio: ['ignore', log, log] });
  child.on('error', (error) => end(`${name} could not be started: ${error.message}`));
  child.on('exit', (code, signal) => {
    if (name !== 'etcd' || !isEtcdDown) end(`${name} exited (${signal ?? code})\n${tail(name)}`);
  });
  children.set(name, child);
}

function tail(name: string): string {
  return readFileSync(join(directory, `${name}.log`), 'utf8')
    .trimEnd()
    .split('\n')
    .slice(-10)
    .join('\n');
}

/** Stops everything. `failure` describes what went wrong. */
function end(failure?: string): void {
  if (ending) return;
  ending = true;
  if (failure) process.stderr.write(`API server for tests: ${failure}\n`);
  for (const child of children.values()) child.kill('SIGKILL');
  const running = [...children.values()].filter(
    (child) => child.exitCode === null && child.signalCode === null && child.pid,
  );
  void Promise.all(running.map((child) => new Promise((resolve) => child.once('exit', resolve)))).then(() => {
    rmSync(directory, { recursive: true, force: true });
    process.exit(failure ? 1 : 0);
  });
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no free port');
  return address.port;
}

/** The body of a GET, or undefined unless the server answers 200. */
function get(url: string, token: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    const call = request(
      url,
      { headers: { authorization: `Bearer ${token}` }, rejectUnauthorized: false },
      (response) => {
        let body = '';
        response.setEncoding('utf8').on('data', (chunk) => {
          body += chunk;
        });
        response.on('end', () => resolve(response.statusCode === 200 ? body : undefined));
      },
    );
    call.on('error', () => resolve(undefined)).end();
  });
}

process.stdin.on('error', () => end());
createInterface({ input: process.stdin })
  .on('line', (line) => {
    const word = line.replace('etcd ', '');
    isEtcdDown = word === 'SIGKILL';
    if (word === 'start') startEtcd();
    else children.get('etcd')?.kill(word as NodeJS.Signals);
  })
  .on('close', () => end());
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => end());

const startedAt = performance.now();
const port = await freePort();
const token = randomBytes(24).toString('hex');
const keys = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
});
writeFileSync(join(directory, 'service-accounts.key'), keys.privateKey, { mode: 0o600 });
writeFileSync(join(directory, 'tokens.csv'), `${token},copepod-admin,copepod-admin,"system:masters"\n`, {
  mode: 0o600,
});
writeFileSync(
  join(directory, 'audit.yaml'),
  'apiVersion: audit.k8s.io/v1\nkind: Policy\nomitStages: [RequestReceived]\nrules: [{ level: Metadata }]\n',
);

// Unix sockets in the private directory: no port conflicts, and no other user can reach etcd.
function startEtcd(): void {
  launch('etcd', [
    ...['--data-dir=etcd', '--unsafe-no-fsync', '--log-level=warn'],
    ...['--listen-client-urls=unix://client:0', '--advertise-client-urls=unix://client:0'],
    ...['--listen-peer-urls=unix://peer:0', '--initial-advertise-peer-urls=unix://peer:0'],
    '--initial-cluster=default=unix://peer:0',
  ]);
}
startEtcd();
launch('kube-apiserver', [
  '--etcd-servers=unix://client:0',
  ...['--bind-address=127.0.0.1', `--secure-port=${port}`, '--cert-dir=certificates'],
  ...['--authorization-mode=RBAC', '--token-auth-file=tokens.csv'],
  // No controllers run here: new namespaces get no service accounts, and the Service needs no endpoints.
  ...['--disable-admission-plugins=ServiceAccount', '--endpoint-reconciler-type=none'],
  '--service-cluster-ip-range=10.0.0.0/24',
  '--service-account-issuer=https://kubernetes.default.svc',
  ...['--service-account-key-file=service-accounts.key', '--service-account-signing-key-file=service-accounts.key'],
  ...['--audit-policy-file=audit.yaml', '--audit-log-path=audit.log'],
]);

const url = `https://127.0.0.1:${port}`;
while (!ending && (await get(`${url}/readyz`, token)) === undefined) {
  if (performance.now() - startedAt > READY_WITHIN_MS) {
    end(`not ready within ${READY_WITHIN_MS / 1000} s\n${tail('kube-apiserver')}`);
  }
  await sleep(50);
}
if (!ending) {
  const connection: Connection = {
    url,
    token,
    certificateAuthority: readFileSync(join(directory, 'certificates/apiserver.crt'), 'utf8'),
    version: JSON.parse((await get(`${url}/version`, token)) ?? '{}').gitVersion,
    readyAfterMs: Math.round(performance.now() - startedAt),
    directory,
  };
  const user = { name: 'copepod-admin', user: { token } };
  const ca = Buffer.from(connection.certificateAuthority).toString('base64');
  const cluster = { name: 'test', cluster: { server: url, 'certificate-authority-data': ca } };
  const context = { name: 'test', context: { cluster: 'test', user: user.name } };
  const config = { apiVersion: 'v1', kind: 'Config', clusters: [cluster], users: [user], contexts: [context] };
  writeFileSync(join(directory, 'kubeconfig'), JSON.stringify({ ...config, 'current-context': 'test' }), {
    mode: 0o600,
  });
  process.stdout.write(`${JSON.stringify(connection)}\n`);
}
