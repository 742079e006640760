import type { IncomingHttpHeaders } from 'node:http';
import type { Credential, CredentialSource } from '../../kube/credentials.ts';
import { unauthorized } from '../refusal.ts';

/** Most characters of a token: those of identity providers have some kilobytes. */
const MAX_TOKEN = 16_384;
const BEARER = /^Bearer ([\w.~+/-]+=*)$/i;

/** The token of a request. @throws Refusal without one */
export function bearerToken({ authorization }: IncomingHttpHeaders): string {
  const token = BEARER.exec(authorization ?? '')?.[1];
  if (token === undefined || token.length > MAX_TOKEN) {
    throw unauthorized('sign in with a token of the cluster: kubectl create token NAME makes one');
  }
  return token;
}

/** The token of one viewer, and nothing else: no credential of this process goes with it. */
export class BearerCredentials implements CredentialSource {
  readonly server: URL;
  readonly #credential: Credential;

  /** @param ca certificates of the authority that signs the API server's, PEM */
  constructor(server: URL, ca: string, token: string) {
    this.server = server;
    this.#credential = { headers: { authorization: `Bearer ${token}` }, tls: { ca } };
  }

  async read(): Promise<Credential> {
    return this.#credential;
  }
}
