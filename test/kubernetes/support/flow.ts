import { request } from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';
import type { TestClient } from '../../api-server/client.ts';
import { currentConnection } from '../../api-server/connection.ts';

const FLOW_SCHEMAS = '/apis/flowcontrol.apiserver.k8s.io/v1/flowschemas';

/** A request as the API server sees it before it asks whether it is allowed. */
export interface Asked {
  readonly user: string;
  readonly method: string;
  readonly path: string;
}

/** Name of the FlowSchema by which the API server takes a request, whatever becomes of it. */
export async function flowSchemaOf(api: TestClient, { user, method, path }: Asked): Promise<string | undefined> {
  const { url, token, certificateAuthority: ca } = currentConnection();
  const headers = { authorization: `Bearer ${token}`, 'impersonate-user': user, 'content-type': 'application/json' };
  const uid = await new Promise<unknown>((resolve, reject) => {
    const call = request(new URL(path, url), { method, headers, ca }, (response) => {
      response.resume().on('end', () => resolve(response.headers['x-kubernetes-pf-flowschema-uid']));
    });
    call.on('error', reject).end('{}');
  });
  const { items } = await api.request<{ items: { metadata: { name: string; uid: string } }[] }>('GET', FLOW_SCHEMAS);
  return items.find(({ metadata }) => metadata.uid === uid)?.metadata.name;
}

/** Resolves once the API server goes by a FlowSchema for such a request: it hears of a new one a moment later. */
export async function awaitFlowSchema(api: TestClient, expected: string, asked: Asked): Promise<void> {
  for (let tries = 0; tries < 100; tries++) {
    if ((await flowSchemaOf(api, asked)) === expected) return;
    await sleep(100);
  }
  throw new Error(`${asked.method} ${asked.path} is not taken by FlowSchema ${expected}`);
}
