import { HostTable } from '../../api/endpoints/host-table.ts';
import type { ScriptEndpoint } from '../../api/types.generated.ts';
import { requestTarget, routingPath } from './request-target.ts';

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
  /** The gateway's own hosts: no endpoint has them. */
  readonly reserved: ReadonlySet<string>;
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
   * @param sent path and query
   * @throws Refusal BadRequest if the host is that of an endpoint, and the target is not safe
   */
  byHost(host: string, sent: string): EndpointMatch | undefined {
    const name = hostname(host);
    if (!this.#hostTable().has(name)) return undefined;
    const target = requestTarget(sent);
    const endpoint = this.#hostTable().find(name, routingPath(target));
    return endpoint && { endpoint, target, prefix: '' };
  }

  /**
   * The endpoint of a path `/NAMESPACE/NAME/...`. A host that an endpoint has is that of its namespace alone: nothing is found
   * for it, whatever its paths are. A script of others would have its cookies and its origin.
   * @param host value of the Host header
   * @param sent path and query
   * @throws Refusal BadRequest if the target is not safe
   */
  byPath(host: string, sent: string): EndpointMatch | undefined {
    if (this.#hostTable().has(hostname(host))) return undefined;
    const target = requestTarget(sent);
    const [, prefix = '', namespace = '', name = ''] = /^(\/([^/?]+)\/([^/?]+))(?=[/?]|$)/.exec(target) ?? [];
    const endpoint = namespace === '' ? undefined : this.#parts.get({ namespace, name });
    if (endpoint === undefined) return undefined;
    const rest = target.slice(prefix.length);
    return { endpoint, target: rest.startsWith('/') ? rest : `/${rest}`, prefix };
  }

  #hostTable(): HostTable<ScriptEndpoint> {
    this.#hosts ??= new HostTable(this.#parts.all(), this.#parts.reserved);
    return this.#hosts;
  }
}

/** A host in lower case, without port and without the dot at the end of a full name. */
export const hostname = (host: string): string => host.toLowerCase().replace(/:\d*$/, '').replace(/\.$/, '');
