import type { Agent } from 'node:http';

/** Files on disk (tokens, certificates) are looked at this often. */
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
  /** Of every request: the token, an impersonation. */
  readonly headers: Readonly<Record<string, string>>;
  readonly tls: TlsMaterial;
  /** The agent that goes through the cluster's proxy, where it has one. */
  readonly proxyAgent?: Agent | undefined;
}

/** Where an API server is, and who we are to it. `loadCredentials` makes one. */
export interface CredentialSource {
  readonly server: URL;
  /** Reads everything anew. Throws where a file is missing, or a login program fails. */
  read(): Promise<Credential>;
}

/** A credential, and what tells its TLS material from others': a connection serves only requests with the same. */
export interface CurrentCredential extends Credential {
  readonly fingerprint: string;
}

/** What a source says, read anew as tokens and certificates rotate. */
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

  /** Throws what the source throws. */
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

  /** The next request reads everything anew: the API server has not accepted what we have. */
  invalidate(): void {
    this.#current = undefined;
  }

  async #read(): Promise<CurrentCredential> {
    const credential = await this.#source.read();
    return { ...credential, fingerprint: Object.values(credential.tls).map(String).join('\n') };
  }
}
