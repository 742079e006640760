import type { Credential, CredentialSource } from '../../kube/credentials.ts';

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
