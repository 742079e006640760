import type { Agent } from 'node:http';

/** Interval at which files (tokens, certificates) are read again. */
const FRESH_FOR_MS = 10_000;

export interface TlsMaterial {
  readonly ca?: string | Buffer | undefined;
  readonly cert?: string | Buffer | undefined;
  readonly key?: string | Buffer | undefined;
  readonly pfx?: string | Buffer | undefined;
  readonly passphrase?: string | undefined;
  readonly servername?: string | undefined;
  readonly rejectUnauthorized?: boolean | undefined;
}

export interface Credential {
  /** Headers of every request: bearer token, impersonation. */
  readonly headers: Readonly<Record<string, string>>;
  readonly tls: TlsMaterial;
  /** Agent for the cluster's `proxy-url`, if the kubeconfig sets one. */
  readonly proxyAgent?: Agent | undefined;
}

/** Address of an API server and the client's identity. Made by `loadCredentials`. */
export interface CredentialSource {
  readonly server: URL;
  /** Namespace of commands that name none; undefined: `default`. */
  readonly namespace?: string | undefined;
  /** Reads the credential again. Throws if a file is missing or an exec plugin fails. */
  read(): Promise<Credential>;
}

/** A credential with a fingerprint of its TLS material: a connection only serves requests with the same fingerprint. */
export interface CurrentCredential extends Credential {
  readonly fingerprint: string;
}

/** Caches what a source reads and refreshes it, since tokens and certificates rotate. */
export class Credentials {
  readonly #source: CredentialSource;
  #current: Promise<CurrentCredential> | undefined;
  #readAt = 0;

  constructor(source: CredentialSource) {
    this.#source = source;
  }

  get server(): URL {
    return this.#source.server;
  }

  /** Returns the current credential. Throws what the source throws. */
  current(): Promise<CurrentCredential> {
    const now = performance.now();
    if (!this.#current || now - this.#readAt > FRESH_FOR_MS) {
      const reading = this.#read();
      this.#current = reading;
      this.#readAt = now;
      reading.catch(() => {
        if (this.#current === reading) this.#current = undefined;
      });
    }
    return this.#current;
  }

  /** Makes the next request read the credential again: the API server rejected the current one. */
  invalidate(): void {
    this.#current = undefined;
  }

  async #read(): Promise<CurrentCredential> {
    const credential = await this.#source.read();
    return { ...credential, fingerprint: Object.values(credential.tls).map(String).join('\n') };
  }
}
