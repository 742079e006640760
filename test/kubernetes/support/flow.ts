import { request } from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';
import type { TestClient } from '../../api-server/client.ts';
import { currentConnection } from '../../api-server/connection.ts';

const API = '/apis/flowcontrol.apiserver.k8s.io/v1';

/** A request as the API server sees it before it asks whether it is allowed. */
export interface Asked {
  readonly user: string;
  readonly method: string;
  readonly path: string;
}

/** By what the API server decides when a request is let in: names of the two objects. */
export interface Flow {
  readonly schema: string | undefined;
  readonly level: string | undefined;
}

/** Of a request that is sent, whatever becomes of it. */
export async function flowOf(api: TestClient, { user, method, path }: Asked): Promise<Flow> {
  const { url, token, certificateAuthority: ca } = currentConnection();
  const headers = { authorization: `Bearer ${token}`, 'impersonate-user': user, 'content-type': 'application/json' };
  const answer = await new Promise<Record<string, unknown>>((resolve, reject) => {
    const call = request(new URL(path, url), { method, headers, ca, timeout: 10_000 }, (response) => {
      response.resume().on('end', () => resolve(response.headers));
    });
    call.on('timeout', () => call.destroy(new Error(`no answer to ${method} ${path}`)));
    call.on('error', reject).end(method === 'GET' ? undefined : '{}');
  });
  return {
    schema: await nameOf(api, 'flowschemas', answer['x-kubernetes-pf-flowschema-uid']),
    level: await nameOf(api, 'prioritylevelconfigurations', answer['x-kubernetes-pf-prioritylevel-uid']),
  };
}

/** Resolves once the API server goes by a FlowSchema for such a request: it hears of a new one a moment later. */
export async function awaitFlow(api: TestClient, schema: string, asked: Asked): Promise<void> {
  for (let tries = 0; tries < 100; tries++) {
    if ((await flowOf(api, asked)).schema === schema) return;
    await sleep(100);
  }
  throw new Error(`${asked.method} ${asked.path} is not taken by FlowSchema ${schema}`);
}

async function nameOf(api: TestClient, plural: string, uid: unknown): Promise<string | undefined> {
  const { items } = await api.request<{ items: { metadata: { name: string; uid: string } }[] }>(
    'GET',
    `${API}/${plural}`,
  );
  return items.find(({ metadata }) => metadata.uid === uid)?.metadata.name;
}
