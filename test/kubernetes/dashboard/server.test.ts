import { writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { readAuditLog } from '../../api-server/audit.ts';
import { currentConnection } from '../../api-server/connection.ts';
import { copepod } from '../../integration/support/cli.ts';
import { eventually } from '../../support/until.ts';
import { makeUser } from '../kubectl/support/user.ts';
import { Cluster } from '../operator/support/cluster.ts';
import { DashboardProcess } from './support/dashboard-process.ts';
import { type OpenStream, openStream } from './support/open-stream.ts';

// Each dashboard is a process that loads the Kubernetes client: seconds, on a busy machine.
jest.setTimeout(240_000);

interface Answer {
  readonly code: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
}

interface Asked {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

let cluster: Cluster;
/** Of the administrator, on this machine. */
let own: DashboardProcess;
/** As in a pod: it has no credential. */
let served: DashboardProcess;
let viewer: string;
let editor: string;

beforeAll(async () => {
  cluster = await Cluster.create();
  const { api, namespace, executions, directory } = cluster;
  await executions.create('first', { source: '1', suspend: true });
  await api.apply({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 'key', namespace },
    stringData: { a: 'b' },
  } as never);
  const { url, certificateAuthority } = currentConnection();
  const ca = join(directory, 'ca.crt');
  writeFileSync(ca, certificateAuthority);
  const { hostname, port } = new URL(url);
  const env = { KUBERNETES_SERVICE_HOST: hostname, KUBERNETES_SERVICE_PORT: port, KUBECONFIG: join(directory, 'none') };
  own = await DashboardProcess.start(namespace);
  served = await DashboardProcess.startForViewers(env, ['--certificate-authority', ca]);
  viewer = await makeUser(api, namespace, 'copepod-view');
  editor = await makeUser(api, namespace, 'copepod-edit');
}, 240_000);
afterAll(async () => {
  const codes = await Promise.all([own?.stop(), served?.stop()]);
  await cluster?.close();
  expect(codes).toEqual([0, 0]);
});

async function ask(origin: string, path: string, { method = 'GET', headers = {}, body }: Asked = {}): Promise<Answer> {
  const { hostname, port } = new URL(origin);
  return await new Promise((resolve, reject) => {
    const call = request({ hostname, port, path, method, headers }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
      });
      response.on('end', () => resolve({ code: response.statusCode ?? 0, headers: response.headers, text }));
    });
    call.on('error', reject).end(body);
  });
}

/** A stream of events that is open until it is disposed. */
class EventStream implements Disposable {
  /** Status of the answer. */
  readonly code: Promise<number>;
  readonly ended: Promise<void>;
  hasEnded = false;
  readonly #stream: OpenStream;

  constructor(origin: string, headers: Readonly<Record<string, string>>) {
    this.#stream = openStream(origin, `/api/events?namespace=${cluster.namespace}`, headers);
    const { answer } = this.#stream;
    this.code = answer.then(({ statusCode = 0 }) => statusCode);
    this.ended = answer.then(
      (response) =>
        new Promise((resolve) => {
          response.resume().once('close', () => {
            this.hasEnded = true;
            resolve();
          });
        }),
    );
    this.code.catch(() => {});
    this.ended.catch(() => {});
  }

  [Symbol.dispose](): void {
    this.#stream[Symbol.dispose]();
  }
}

const as = (token: string): Record<string, string> => ({ authorization: `Bearer ${token}` });

/** As the page sends the token of the URL that the dashboard on this machine has printed. */
const asOwner = (): Record<string, string> => as(own.token);

const JSON_TYPE = { 'content-type': 'application/json' };

async function suspension(action: 'suspend' | 'resume'): Promise<string> {
  const { namespace, uid } = (await cluster.executions.get('first')).metadata;
  return JSON.stringify({ action, kind: 'executions', namespace, name: 'first', uid });
}

describe('a dashboard on this machine', () => {
  test('serves its page to every program, with a policy that lets it load its own files alone', async () => {
    const { code, headers, text } = await ask(own.origin, '/');
    expect(code).toBe(200);
    expect(text).toContain('<div id="page">');
    expect(text).not.toMatch(/<script(?! src="\/)|\sstyle=|\son\w+=/);
    expect(headers['content-security-policy']).toMatch(/^default-src 'none'; script-src 'self'; style-src 'self'; /);
    expect(headers).toMatchObject({
      'x-frame-options': 'DENY',
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cross-origin-opener-policy': 'same-origin',
    });
  });

  test('answers its API to requests with the token of its URL, and sets no cookie', async () => {
    const { code, text, headers } = await ask(own.origin, '/api/session', { headers: asOwner() });
    expect(code).toBe(200);
    expect(JSON.parse(text)).toMatchObject({ user: 'copepod-admin', namespace: cluster.namespace, auth: 'Kubeconfig' });
    const page = await ask(own.origin, `/?token=${own.token}`);
    expect(page.code).toBe(200);
    expect([headers['set-cookie'], page.headers['set-cookie']]).toEqual([undefined, undefined]);
  });

  test.each<[string, Record<string, string>, number]>([
    ['no token', { authorization: '' }, 401],
    ['another token', as('x'.repeat(43)), 401],
    ['a foreign Host, as after DNS rebinding', { host: 'rebound.example' }, 403],
    ['a foreign Origin', { origin: 'https://foreign.example' }, 403],
    ['a browser that says that the page is of another site', { 'sec-fetch-site': 'cross-site' }, 403],
    ['a browser that says that the page is of another port', { 'sec-fetch-site': 'same-site' }, 403],
  ])('refuses requests with %s', async (_, headers, expected) => {
    for (const [path, asked] of [
      ['/api/session', {}],
      ['/api/actions', { method: 'POST', body: await suspension('resume') }],
    ] as const) {
      const { code, text } = await ask(own.origin, path, {
        ...asked,
        headers: { ...asOwner(), ...JSON_TYPE, ...headers },
      });
      expect({ code, ...JSON.parse(text) }).toMatchObject({ code: expected, from: 'dashboard', auth: 'Kubeconfig' });
    }
    expect((await cluster.executions.get('first')).spec.suspend).toBe(true);
  });

  test.each<[string, string, Asked, number]>([
    ['a path of the API server', '/api/v1/namespaces/NS/secrets/key', {}, 404],
    ['another path of the API server', '/apis/copepod.dev/v1alpha1/scriptexecutions', {}, 404],
    ['an object of another kind', '/api/objects/secrets/NS/key', {}, 400],
    ['an object with a path for a name', '/api/objects/executions/NS/..%2f..%2fsecrets%2fkey', {}, 400],
    ['a namespace with a query', '/api/events?namespace=a%3Fb', {}, 400],
    ['a path that is not encoded', '/api/objects/executions/%E0%A4%A/x', {}, 400],
    ['another method', '/api/objects/executions/NS/first', { method: 'DELETE' }, 404],
    ['a form', '/api/actions', { method: 'POST', headers: { 'content-type': 'text/plain' }, body: '{}' }, 415],
    ['a large body', '/api/actions', { method: 'POST', headers: JSON_TYPE, body: ' '.repeat(5000) }, 413],
    ['no JSON', '/api/actions', { method: 'POST', headers: JSON_TYPE, body: '{' }, 400],
    ['no action', '/api/actions', { method: 'POST', headers: JSON_TYPE, body: '{}' }, 400],
    ['a file that it does not have', '/../package.json', {}, 404],
    ['the writing of a file', '/', { method: 'PUT' }, 405],
  ])('refuses %s', async (_, path, asked, expected) => {
    const headers = { ...asOwner(), ...asked.headers };
    const { code } = await ask(own.origin, path.replace('NS', cluster.namespace), { ...asked, headers });
    expect(code).toBe(expected);
  });

  test('leaves another object of the name alone', async () => {
    const body = JSON.stringify({
      ...JSON.parse(await suspension('resume')),
      uid: '00000000-0000-0000-0000-000000000000',
    });
    const headers = { ...asOwner(), ...JSON_TYPE };
    const { code } = await ask(own.origin, '/api/actions', { method: 'POST', headers, body });
    expect(code).toBe(409);
    expect((await cluster.executions.get('first')).spec.suspend).toBe(true);
  });

  test('does not listen to other machines', async () => {
    const { code, stderr } = await copepod(['dashboard', '--address', '0.0.0.0'], {
      env: { KUBECONFIG: join(currentConnection().directory, 'kubeconfig') },
    });
    expect(code).toBe(2);
    expect(stderr).toMatch(/0\.0\.0\.0 is not a loopback address/);
  });
});

describe('a dashboard for viewers', () => {
  test('has no rights of its own: without a token, or with one that the cluster does not know, it answers nothing', async () => {
    for (const headers of [{}, as('unknown'), { authorization: 'Basic YTpi' }]) {
      const { code } = await ask(served.origin, '/api/session', { headers });
      expect(code).toBe(401);
    }
  });

  test('has the rights of the token of each request, and is each viewer to the API server', async () => {
    const path = `/api/objects/executions/${cluster.namespace}/first`;
    expect((await ask(served.origin, path, { headers: as(viewer) })).code).toBe(200);
    const foreign = await ask(served.origin, '/api/objects/executions/kube-system/first', { headers: as(viewer) });
    expect(JSON.parse(foreign.text)).toMatchObject({ from: 'cluster', code: 403 });
    const [, user] = await Promise.all(
      [viewer, editor].map(async (token) =>
        JSON.parse((await ask(served.origin, '/api/session', { headers: as(token) })).text),
      ),
    );
    expect(user.user).toMatch(new RegExp(`^system:serviceaccount:${cluster.namespace}:user-`));
    await eventually(() => {
      const log = readAuditLog(join(currentConnection().directory, 'audit.log'));
      const asked = log.filter(({ resource, name }) => resource === 'scriptexecutions' && name === 'first');
      expect(asked.map(({ user: by }) => by)).toContainEqual(expect.stringMatching(/:user-/));
    });
  });

  test('lets the API server decide what a viewer may write', async () => {
    const access = async (token: string): Promise<unknown> => {
      const { text } = await ask(served.origin, `/api/access?namespace=${cluster.namespace}`, { headers: as(token) });
      return JSON.parse(text);
    };
    expect(await access(viewer)).toEqual({ changeExecutions: false, changeSchedules: false });
    await eventually(async () =>
      expect(await access(editor)).toEqual({ changeExecutions: true, changeSchedules: true }),
    );
    const body = await suspension('resume');
    const act = async (token: string): Promise<number> =>
      (await ask(served.origin, '/api/actions', { method: 'POST', headers: { ...as(token), ...JSON_TYPE }, body }))
        .code;
    expect(await act(viewer)).toBe(403);
    expect((await cluster.executions.get('first')).spec.suspend).toBe(true);
    expect(await act(editor)).toBe(200);
    expect((await cluster.executions.get('first')).spec.suspend).toBe(false);
  });

  test('serves viewers while others open streams with 300 tokens that the cluster does not know', async () => {
    const strangers = Array.from({ length: 300 }, (_, index) => new EventStream(served.origin, as(`unknown-${index}`)));
    const codes = Promise.all(strangers.map(({ code }) => code));
    using stream = new EventStream(served.origin, as(viewer));
    try {
      expect(await stream.code).toBe(200);
      expect((await ask(served.origin, '/api/session', { headers: as(viewer) })).code).toBe(200);
      expect(new Set(await codes)).toEqual(new Set([401]));
      await Promise.all(strangers.map(({ ended }) => ended));
      const stranger = await ask(served.origin, '/api/session', { headers: as('unknown-0') });
      expect({ code: stranger.code, from: JSON.parse(stranger.text).from }).toEqual({ code: 401, from: 'cluster' });
      expect(stream.hasEnded).toBe(false);
    } finally {
      for (const stranger of strangers) stranger[Symbol.dispose]();
    }
  });

  test('ends the streams of a viewer whose token the cluster no longer accepts', async () => {
    const { api, namespace } = cluster;
    const token = await makeUser(api, namespace, 'copepod-view');
    using stream = new EventStream(served.origin, as(token));
    expect(await stream.code).toBe(200);
    const { user } = JSON.parse((await ask(served.origin, '/api/session', { headers: as(token) })).text);
    const account = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: user.split(':')[3], namespace } };
    expect(stream.hasEnded).toBe(false);
    await api.request('DELETE', await api.pathOf(account));
    // The API server remembers for some seconds that it has accepted a token.
    await eventually(async () =>
      expect((await ask(served.origin, '/api/session', { headers: as(token) })).code).toBe(401),
    );
    await stream.ended;
  });

  test('limits how many requests of one viewer are under way', async () => {
    const streams = Array.from({ length: 110 }, () => new EventStream(served.origin, as(editor)));
    try {
      const codes = await Promise.all(streams.map(({ code }) => code));
      expect(codes.filter((code) => code === 200)).toHaveLength(100);
      expect(codes.filter((code) => code === 429)).toHaveLength(10);
    } finally {
      for (const stream of streams) stream[Symbol.dispose]();
    }
  });

  test('reads no kubeconfig, and needs to be told where the API server is', async () => {
    const { code, stderr } = await copepod(['dashboard', '--auth', 'Bearer', '--kubeconfig', 'x']);
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringMatching(/no kubeconfig is read/) });
    const none = await copepod(['dashboard', '--auth', 'Bearer'], { env: { KUBERNETES_SERVICE_HOST: '' } });
    expect({ code: none.code, stderr: none.stderr }).toEqual({
      code: 2,
      stderr: expect.stringMatching(/is for a pod/),
    });
  });
});
