import { HostTable } from '../../api/endpoints/host-table.ts';
import type { ScriptEndpoint } from '../../api/types.generated.ts';

/** The endpoint that a request is for. */
export interface EndpointMatch {
  readonly endpoint: ScriptEndpoint;
  /** The path and query that the script sees. */
  readonly target: string;
  /** What was taken off the path: `/NAMESPACE/NAME`, or nothing. */
  readonly prefix: string;
}

export interface EndpointTableParts {
  readonly get: (ref: { readonly namespace: string; readonly name: string }) => ScriptEndpoint | undefined;
  readonly all: () => Iterable<ScriptEndpoint>;
}

/** Finds endpoints by host and path. */
export class EndpointTable {
  readonly #parts: EndpointTableParts;
  #hosts: HostTable<ScriptEndpoint> | undefined;

  constructor(parts: EndpointTableParts) {
    this.#parts = parts;
  }

  /** Endpoints have changed. */
  changed(): void {
    this.#hosts = undefined;
  }

  /**
   * The endpoint with a hostname.
   * @param host value of the Host header
   * @param target path and query
   */
  byHost(host: string, target: string): EndpointMatch | undefined {
    this.#hosts ??= new HostTable(this.#parts.all());
    const endpoint = this.#hosts.find(hostname(host), pathOf(target));
    return endpoint && { endpoint, target, prefix: '' };
  }

  /** The endpoint of a path `/NAMESPACE/NAME/...`. */
  byPath(target: string): EndpointMatch | undefined {
    const [, prefix = '', namespace = '', name = ''] = /^(\/([^/]+)\/([^/]+))(?=\/|$)/.exec(pathOf(target)) ?? [];
    const endpoint = namespace === '' ? undefined : this.#parts.get({ namespace, name });
    if (endpoint === undefined) return undefined;
    const rest = target.slice(prefix.length);
    return { endpoint, target: rest.startsWith('/') ? rest : `/${rest}`, prefix };
  }
}

const pathOf = (target: string): string => target.split('?', 1)[0] ?? '';

/** A host in lower case, without port and without the dot at the end of a full name. */
export const hostname = (host: string): string => host.toLowerCase().replace(/:\d*$/, '').replace(/\.$/, '');
