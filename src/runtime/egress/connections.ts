import { LRUCache } from 'lru-cache';
import { Agent, type Dispatcher, EnvHttpProxyAgent } from 'undici';
import { type ConnectorOptions, guardedConnector } from './connector.ts';
import type { ReadRule } from './rules.ts';

/** Connections to one origin for one tenant and rule. */
const CONNECTIONS = 16;
/** Pairs of a tenant and a rule with connections at once. */
const MAX_PAIRS = 256;
const KEEP_ALIVE_MS = 10_000;
const MAX_KEEP_ALIVE_MS = 60_000;
/** Without an answer's head, or without a further part of its body. The time-out of the execution is mostly shorter. */
const SILENCE_MS = 300_000;
const MAX_HEADER_BYTES = 32 << 10;

/** The proxies of the environment; a variable that is empty is none. */
function proxies({ env } = process) {
  const httpProxy = env.http_proxy || env.HTTP_PROXY;
  const httpsProxy = env.https_proxy || env.HTTPS_PROXY || httpProxy;
  if (httpsProxy === undefined || httpsProxy === '') return undefined;
  return { httpsProxy, httpProxy: httpProxy ?? '', noProxy: env.no_proxy || env.NO_PROXY || '' };
}

/**
 * Connections that are kept alive, for each tenant and each rule its own: a tenant never gets a connection that another one's
 * request has opened, nor a rule one to an address that only another rule allows.
 */
export class Connections {
  readonly #options: ConnectorOptions;
  readonly #agents = new LRUCache<string, Dispatcher>({
    max: MAX_PAIRS,
    // Requests under way are finished first.
    dispose: (agent) => void agent.close().catch(() => {}),
  });

  constructor(options: ConnectorOptions) {
    this.#options = options;
  }

  /** @param index of the rule */
  for(tenantKey: string, index: number, rule: ReadRule): Dispatcher {
    const key = `${index} ${tenantKey}`;
    const known = this.#agents.get(key);
    if (known !== undefined) return known;
    const agent = this.#open(rule);
    this.#agents.set(key, agent);
    return agent;
  }

  async close(): Promise<void> {
    const agents = [...this.#agents.values()];
    await Promise.all(agents.map((agent) => agent.destroy().catch(() => {})));
    this.#agents.clear();
  }

  #open(rule: ReadRule): Dispatcher {
    const { ca } = this.#options;
    const options = {
      connect: guardedConnector(rule, this.#options),
      connections: CONNECTIONS,
      allowH2: true,
      keepAliveTimeout: KEEP_ALIVE_MS,
      keepAliveMaxTimeout: MAX_KEEP_ALIVE_MS,
      headersTimeout: SILENCE_MS,
      bodyTimeout: SILENCE_MS,
      maxHeaderSize: MAX_HEADER_BYTES,
    };
    const proxied = proxies();
    if (proxied === undefined) return new Agent(options);
    // Through a proxy, the proxy resolves names and is trusted to refuse what it should.
    return new EnvHttpProxyAgent({
      ...options,
      ...proxied,
      ...(ca === undefined ? {} : { requestTls: { ca }, proxyTls: { ca } }),
    });
  }
}
