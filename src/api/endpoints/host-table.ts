import type { ScriptEndpoint } from '../types.generated.ts';

/** What decides which endpoint a request for a host is for. */
export type RoutedEndpoint = Pick<ScriptEndpoint, 'metadata'> & {
  readonly spec: Pick<ScriptEndpoint['spec'], 'hostnames' | 'path'>;
};

/** Why an endpoint is not served for one of its hostnames. */
export interface HostConflict {
  readonly hostname: string;
  /** The endpoint that has it: `namespace/name`; undefined: the gateway itself. */
  readonly other: string | undefined;
}

/**
 * Which endpoint is served for which host and path. A hostname belongs to the namespace of the oldest endpoint that lists it, so that no
 * other namespace can take requests away from it; of endpoints with the same hostname and path the oldest is served. Ties go by key, as
 * in the Gateway API. The gateway's own hosts belong to no endpoint.
 */
export class HostTable<T extends RoutedEndpoint> {
  /** The longest path first. */
  readonly #routes = new Map<string, T[]>();
  readonly #conflicts = new Map<string, HostConflict[]>();

  /** @param reserved the gateway's own hosts */
  constructor(endpoints: Iterable<T>, reserved: ReadonlySet<string>) {
    const owners = new Map<string, T>();
    for (const endpoint of [...endpoints].toSorted(byAge)) {
      for (const hostname of endpoint.spec.hostnames ?? []) {
        if (reserved.has(hostname)) {
          this.#addConflict(keyOf(endpoint), { hostname, other: undefined });
          continue;
        }
        const owner = owners.get(hostname) ?? endpoint;
        owners.set(hostname, owner);
        const routes = this.#routes.get(hostname) ?? [];
        const isForeign = owner.metadata.namespace !== endpoint.metadata.namespace;
        const other = isForeign ? owner : routes.find(({ spec }) => spec.path === endpoint.spec.path);
        if (other === undefined) this.#routes.set(hostname, [...routes, endpoint]);
        else this.#addConflict(keyOf(endpoint), { hostname, other: keyOf(other) });
      }
    }
    for (const routes of this.#routes.values()) routes.sort((a, b) => b.spec.path.length - a.spec.path.length);
  }

  /** Whether a host, in lower case and without a port, is that of an endpoint, for some path. */
  has(hostname: string): boolean {
    return this.#routes.has(hostname);
  }

  /** The endpoint for a host, in lower case and without a port, and a path. */
  find(hostname: string, path: string): T | undefined {
    return this.#routes.get(hostname)?.find(({ spec }) => isBelow(path, spec.path));
  }

  /** The hostnames for which an endpoint is not served. */
  conflicts(endpoint: RoutedEndpoint): readonly HostConflict[] {
    return this.#conflicts.get(keyOf(endpoint)) ?? [];
  }

  #addConflict(key: string, conflict: HostConflict): void {
    this.#conflicts.set(key, [...(this.#conflicts.get(key) ?? []), conflict]);
  }
}

/** Whether a path is another one, or below it by whole segments. */
const isBelow = (path: string, prefix: string): boolean =>
  prefix === '/' || path === prefix || path.startsWith(`${prefix}/`);

function byAge(a: RoutedEndpoint, b: RoutedEndpoint): number {
  const [older, younger] = [a, b].map(({ metadata }) => metadata.creationTimestamp ?? '');
  if (older !== younger) return (older ?? '') < (younger ?? '') ? -1 : 1;
  return keyOf(a) < keyOf(b) ? -1 : 1;
}

const keyOf = ({ metadata: { namespace, name } }: RoutedEndpoint): string => `${namespace}/${name}`;
