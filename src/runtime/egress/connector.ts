import { lookup } from 'node:dns';
import type { LookupFunction } from 'node:net';
import { getCACertificates } from 'node:tls';
import { buildConnector } from 'undici';
import { allowedAddresses, type IsOwn, type Resolve } from './address-guard.ts';
import type { ReadRule } from './rules.ts';

export interface ConnectorOptions {
  readonly resolve: Resolve;
  readonly own: IsOwn;
  /** Certificates of authorities, as PEM, that are trusted beside those of Node. */
  readonly ca?: string | undefined;
}

/** For the name, the connection and the TLS handshake together. */
const CONNECT_TIMEOUT_MS = 10_000;

/** Resolves as other programs of the machine do: hosts file, search domains. */
export const systemResolve: Resolve = (hostname) =>
  new Promise((resolve, reject) => {
    lookup(hostname, { all: true }, (error, addresses) =>
      error ? reject(error) : resolve(addresses.map(({ address }) => address)),
    );
  });

/**
 * Connects to hosts of a rule. What a name resolves to is judged here, and the connection goes to the addresses that were
 * judged: a resolver that answers otherwise the next time changes nothing.
 */
export function guardedConnector(rule: ReadRule, { resolve, own, ca }: ConnectorOptions): buildConnector.connector {
  const pinned: LookupFunction = (hostname, options, callback) => {
    allowedAddresses(rule, hostname, { resolve, own }).then(
      (addresses) => {
        const all = addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));
        if (options.all) callback(null, all);
        else callback(null, all[0]?.address ?? '', all[0]?.family);
      },
      (error: NodeJS.ErrnoException) => callback(error, '', 0),
    );
  };
  return buildConnector({
    timeout: CONNECT_TIMEOUT_MS,
    allowH2: true,
    rejectUnauthorized: true,
    maxCachedSessions: 16,
    lookup: pinned,
    ...(ca === undefined ? {} : { ca: [...getCACertificates('default'), ca] }),
  });
}
