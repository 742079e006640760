import { API_VERSION } from '../../api/crd.ts';
import type { JsonValue } from '../../api/json.ts';
import type { EgressRule } from '../../api/types.generated.ts';
import { validateObject } from '../../api/validate.ts';
import type { IsOwn, Resolve } from './address-guard.ts';
import type { Connections } from './connections.ts';
import type { Surroundings } from './exchange.ts';
import { FetchSession, type SessionEvents, type SessionOptions } from './fetch-session.ts';
import type { ReadSecret } from './injected-headers.ts';
import { ownAddresses } from './own-addresses.ts';
import { type Asked, isFor, matchRule, readRules } from './rules.ts';

/** What scripts may reach with `fetch`. */
export interface EgressOptions {
  /** As `spec.egress` of a ScriptRuntime. */
  readonly rules: readonly (Omit<EgressRule, 'schemes'> & Partial<Pick<EgressRule, 'schemes'>>)[];
  /** Finds the addresses of a host name; the system's resolver where left out. */
  readonly resolve?: Resolve;
  /** Certificates of authorities, as PEM, that are trusted beside those of Node. */
  readonly ca?: string;
}

/** The requests that the scripts of a runtime send: where to, with which credentials, over which connections. */
export class Egress {
  readonly #options: EgressOptions;
  readonly #around: Surroundings;
  #connections: Promise<Connections> | undefined;

  /**
   * @param secret reads the Secrets that headers of rules come from, for each request
   * @throws TypeError for rules that a ScriptRuntime cannot have
   */
  constructor(options: EgressOptions = { rules: [] }, secret: ReadSecret = () => undefined) {
    this.#options = options;
    const { rules } = options;
    const own = rules.length === 0 ? () => false : ownAddresses(process.env);
    this.#around = {
      rules: readRules(checked(rules)),
      secret,
      own,
      connections: () => (this.#connections ??= this.#connect(own)),
    };
  }

  /** With their defaults. */
  get rules(): readonly EgressRule[] {
    return this.#around.rules.map(({ rule }) => rule);
  }

  /** Whether a rule allows a request. Its address is not judged yet. */
  allows(asked: Asked): boolean {
    return !('refusal' in matchRule(this.#around.rules, asked));
  }

  /**
   * The positions of the rules that are for a tool and for some tenants with this one: all requests of the tool are judged alike for
   * tenants with the same ones.
   */
  tenantRules(tenant: string, tool: string): readonly number[] {
    return this.#around.rules.flatMap(({ rule }, index) =>
      (rule.tenants ?? []).length > 0 && isFor(rule, tenant, tool) ? [index] : [],
    );
  }

  /** The fetches of one execution. */
  open(options: Omit<SessionOptions, 'around'>, events: SessionEvents): FetchSession {
    return new FetchSession({ ...options, around: this.#around }, events);
  }

  /** Closes every connection. */
  async close(): Promise<void> {
    await (await this.#connections)?.close();
  }

  /** Loads the HTTP client with the first request: it takes longer than a pod may take to start. */
  async #connect(own: IsOwn): Promise<Connections> {
    const [{ Connections }, { systemResolve }] = await Promise.all([
      import('./connections.ts'),
      import('./connector.ts'),
    ]);
    const { resolve = systemResolve, ca } = this.#options;
    return new Connections({ resolve, own, ca });
  }
}

/** Rules as the API server checks them, with defaults. */
function checked(rules: EgressOptions['rules']): readonly EgressRule[] {
  if (rules.length === 0) return [];
  const object = {
    apiVersion: API_VERSION,
    kind: 'ScriptRuntime',
    metadata: { name: 'runtime', namespace: 'default' },
    spec: { egress: rules as unknown as JsonValue },
  };
  const result = validateObject('ScriptRuntime', object);
  if (result.ok) return result.object.spec.egress ?? [];
  throw new TypeError(result.errors.map(({ path, message }) => `${path.replace(/^spec\./, '')} ${message}`).join('; '));
}
