import { randomBytes } from 'node:crypto';
import { Agent, request } from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Connection, currentConnection } from './connection.ts';

type Labels = Record<string, string>;

export interface KubeObject {
  apiVersion: string;
  kind: string;
  metadata: {
    name: string;
    namespace?: string;
    uid?: string;
    resourceVersion?: string;
    labels?: Labels;
    annotations?: Labels;
  };
  [field: string]: unknown;
}

/** The server refused the request. `message` is the text kubectl shows. */
export class ApiError extends Error {
  readonly code: number;
  readonly reason: string;

  constructor(code: number, reason: string, message: string) {
    super(message);
    this.code = code;
    this.reason = reason;
  }
}

interface Resource {
  name: string;
  kind: string;
  namespaced: boolean;
}

interface Definition {
  spec: { group: string; names: { kind: string }; versions: { name: string; served: boolean }[] };
  status?: { conditions?: { type: string; status: string }[] };
}

export interface ApplyOptions {
  /** Evaluates the request without storing anything. */
  dryRun?: boolean;
}

/** A minimal HTTPS client of the API server, for tests. */
export class TestClient {
  readonly #connection: Connection;
  readonly #agent: Agent;
  readonly #resources = new Map<string, Resource>();

  constructor(connection: Connection = currentConnection()) {
    this.#connection = connection;
    this.#agent = new Agent({ keepAlive: true, ca: connection.certificateAuthority });
  }

  /** Sends a request and returns the JSON of the answer. Throws `ApiError` if the server refuses. */
  async request<T = KubeObject>(
    method: string,
    path: string,
    body?: unknown,
    contentType = 'application/json',
  ): Promise<T> {
    const { url, token } = this.#connection;
    const headers = {
      authorization: `Bearer ${token}`,
      ...(body === undefined ? {} : { 'content-type': contentType }),
    };
    const answer = await new Promise<{ code: number; text: string }>((resolve, reject) => {
      const call = request(new URL(path, url), { method, headers, agent: this.#agent }, (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (chunk) => {
          text += chunk;
        });
        response.on('end', () => resolve({ code: response.statusCode ?? 0, text })).on('error', reject);
      });
      call.on('error', reject).end(body === undefined ? undefined : JSON.stringify(body));
    });
    if (answer.code >= 300) throw apiError(answer.code, answer.text);
    return JSON.parse(answer.text) as T;
  }

  /** Same as `kubectl apply --server-side --validate=strict`: unknown and duplicate fields are refused. */
  async apply(object: KubeObject, { dryRun = false }: ApplyOptions = {}): Promise<KubeObject> {
    const query = `fieldManager=test&fieldValidation=Strict&force=true${dryRun ? '&dryRun=All' : ''}`;
    return this.request('PATCH', `${await this.pathOf(object)}?${query}`, object, 'application/apply-patch+yaml');
  }

  async get(object: KubeObject): Promise<KubeObject> {
    return this.request('GET', await this.pathOf(object));
  }

  /** The path of the object. */
  async pathOf({ apiVersion, kind, metadata }: KubeObject): Promise<string> {
    const resource = await this.#resource(apiVersion, kind);
    if (!resource) throw new Error(`The server serves no ${kind} in ${apiVersion}.`);
    const base = groupPath(apiVersion);
    const namespace = resource.namespaced ? `/namespaces/${metadata.namespace ?? 'default'}` : '';
    return `${base}${namespace}/${resource.name}/${metadata.name}`;
  }

  /** Finds the kind in the server's discovery; an unknown kind is looked up again. */
  async #resource(apiVersion: string, kind: string): Promise<Resource | undefined> {
    const key = `${apiVersion} ${kind}`;
    let resource = this.#resources.get(key);
    if (!resource) {
      const { resources } = await this.request<{ resources: Resource[] }>('GET', groupPath(apiVersion)).catch(
        (error: unknown) => {
          // A new group is unknown for a moment.
          if (error instanceof ApiError && error.code === 404) return { resources: [] };
          throw error;
        },
      );
      resource = resources.find((each) => each.kind === kind && !each.name.includes('/'));
      if (resource) this.#resources.set(key, resource);
    }
    return resource;
  }

  /** Creates a namespace that no other test uses and returns its name. */
  async namespace(prefix = 'test', labels: Record<string, string> = {}): Promise<string> {
    const name = `${prefix}-${randomBytes(4).toString('hex')}`;
    await this.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } });
    return name;
  }

  /** Installs a CustomResourceDefinition and waits until it is Established and served. Throws after 10 s. */
  async establish(definition: KubeObject): Promise<void> {
    await this.apply(definition);
    const deadline = performance.now() + 10_000;
    while (!(await this.#isServed(definition))) {
      if (performance.now() > deadline) {
        throw new Error(
          `${definition.metadata.name} is not served: ${JSON.stringify((await this.get(definition)).status)}`,
        );
      }
      await sleep(50);
    }
  }

  async #isServed(definition: KubeObject): Promise<boolean> {
    const { spec, status } = (await this.get(definition)) as unknown as Definition;
    if (!status?.conditions?.some((each) => each.type === 'Established' && each.status === 'True')) return false;
    const versions = spec.versions.filter((each) => each.served);
    const found = await Promise.all(
      versions.map(({ name }) => this.#resource(`${spec.group}/${name}`, spec.names.kind)),
    );
    return found.every((resource) => resource !== undefined);
  }

  /** Closes the connections. */
  close(): void {
    this.#agent.destroy();
  }
}

/** A refusal is a JSON Status, except for unknown paths: `404 page not found`. */
function apiError(code: number, text: string): ApiError {
  if (!text.startsWith('{')) return new ApiError(code, '', text.trim());
  const { reason, message } = JSON.parse(text) as { reason: string; message: string };
  return new ApiError(code, reason, message);
}

function groupPath(apiVersion: string): string {
  return apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
}
