import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readlinkSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, describe, expect, test } from '@jest/globals';
import { readAuditLog } from '../api-server/audit.ts';
import { findBinaries } from '../api-server/binaries.ts';
import { TestClient } from '../api-server/client.ts';
import { type Connection, currentConnection } from '../api-server/connection.ts';

const api = new TestClient();
afterAll(() => api.close());

describe('the API server of a test run', () => {
  test('is a real one and enforces the API', async () => {
    const { version } = currentConnection();
    expect(version).toMatch(/^v1\.\d+/);
    await expect(api.request('GET', '/api/v1/namespaces/default/configmaps/none')).rejects.toMatchObject({
      code: 404,
      reason: 'NotFound',
    });
  });

  test('enforces RBAC: a service account without a role may read nothing', async () => {
    const namespace = await api.namespace();
    const account = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'nobody', namespace } };
    await api.apply(account);
    const { status } = await api.request<{ status: { token: string } }>('POST', `${await api.pathOf(account)}/token`, {
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'TokenRequest',
      spec: {},
    });
    const nobody = new TestClient({ ...currentConnection(), token: status.token });
    await expect(nobody.request('GET', `/api/v1/namespaces/${namespace}/configmaps`)).rejects.toThrow(
      `User "system:serviceaccount:${namespace}:nobody" cannot list resource "configmaps"`,
    );
    nobody.close();
  });

  test('enforces Pod Security where a namespace asks for it', async () => {
    const namespace = await api.namespace('restricted', { 'pod-security.kubernetes.io/enforce': 'restricted' });
    const pod = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'careless', namespace },
      spec: { containers: [{ name: 'main', image: 'copepod' }] },
    };
    await expect(api.apply(pod, { dryRun: true })).rejects.toThrow('violates PodSecurity "restricted:latest"');
  });

  test('writes an audit log with verb, resource and user of every request', async () => {
    const namespace = await api.namespace('audited');
    const requests = readAuditLog(join(currentConnection().directory, 'audit.log'));
    expect(requests).toContainEqual(
      expect.objectContaining({ verb: 'patch', resource: 'namespaces', namespace, user: 'copepod-admin', code: 201 }),
    );
  });

  test('exits and removes its files when the process that started it is killed', async () => {
    const starter = spawn(
      process.execPath,
      [
        '--input-type=module',
        '--eval',
        START_AND_STAY.replace('MODULE', new URL('../api-server/start.ts', import.meta.url).href),
      ],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    const { directory } = await firstLine<Connection>(starter.stdout);
    expect(existsSync(directory)).toBe(true);
    expect(processesIn(directory)).toHaveLength(2);

    starter.kill('SIGKILL');
    while (existsSync(directory) || processesIn(directory).length > 0) await sleep(50);
  });
});

describe('the lookup of the binaries', () => {
  test('reports a KUBEBUILDER_ASSETS without them', () => {
    expect(() => findBinaries({ ...process.env, KUBEBUILDER_ASSETS: '/nowhere' })).toThrow(
      'KUBEBUILDER_ASSETS is /nowhere, which holds no etcd and no kube-apiserver',
    );
  });

  test('reports how to get them if they are neither found nor can be built', () => {
    const directory = mkdtempSync(join(tmpdir(), 'copepod-no-go-'));
    // Only the tools of the look-up itself, and no Go.
    for (const tool of ['bash', 'dirname', 'sed', 'head']) symlinkSync(findOnPath(tool), join(directory, tool));
    const env = { HOME: directory, PATH: directory };
    expect(() => findBinaries(env)).toThrow(
      /^The tests .* need kube-apiserver and etcd: install Go .* or set KUBEBUILDER_ASSETS/,
    );
    rmSync(directory, { recursive: true });
  });
});

function findOnPath(name: string): string {
  return execFileSync('sh', ['-c', `command -v ${name}`], { encoding: 'utf8' }).trim();
}

const START_AND_STAY = `
  import { startApiServer } from 'MODULE';
  const { connection } = await startApiServer();
  console.log(JSON.stringify(connection));
  setInterval(() => {}, 1000);
`;

async function firstLine<T>(stream: NodeJS.ReadableStream): Promise<T> {
  for await (const line of createInterface({ input: stream })) return JSON.parse(line) as T;
  throw new Error('the process exited without output');
}

/** The ids of the processes whose working directory is below the directory (Linux). */
function processesIn(directory: string): string[] {
  return readdirSync('/proc').filter((pid) => {
    try {
      return /^\d+$/.test(pid) && readlinkSync(`/proc/${pid}/cwd`).startsWith(directory);
    } catch {
      return false;
    }
  });
}
