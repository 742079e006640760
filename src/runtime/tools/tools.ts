import { isForTenant } from '../../api/for-tenant.ts';
import type { Egress } from '../egress/egress.ts';
import type { FetchSession } from '../egress/fetch-session.ts';
import type { RequestReport } from '../egress/request-record.ts';
import type { HostError } from '../host-bridge.ts';
import { toolDeclaration, unavailableDeclaration } from './declaration.ts';
import { guardedFetch, toolError } from './guarded-fetch.ts';
import type { Catalog, ToolSource } from './tool-source.ts';

/** For all requests that loading a tool takes. */
const LOAD_TIMEOUT_MS = 20_000;
/** A tool is loaded again when it is used, or looked at, this long afterwards. */
const FRESH_MS = 300_000;
/** The same where it could not be loaded. */
const RETRY_MS = 15_000;
/** Tools are kept, for each group of tenants with the same rules: at most so many, those that were used last. */
const MAX_CATALOGS = 128;
/** Connections of no tenant. */
const NO_TENANT = '\0tools';

/** What is known of a tool: its functions, or why there are none. */
export type ToolState = { readonly catalog: Catalog } | { readonly error: string };

/** A tool that cannot be loaded. */
export interface ToolProblem {
  readonly name: string;
  readonly message: string;
}

/** A tool of an execution. */
export interface OfferedTool {
  readonly name: string;
  readonly state: ToolState;
}

/** A tool for the tenants whose requests have the same rules. */
class Loaded {
  readonly source: ToolSource;
  /** The tenant that it is loaded for. */
  readonly tenant: string;
  /** As it was loaded last; a later failure leaves it, unless it is no longer allowed. */
  catalog: Catalog | undefined;
  /** Why it could not be loaded the last time. */
  problem: string | undefined;
  /** It could not be loaded since no rule allows it. */
  isRefused = false;
  loading: Promise<void> | undefined;
  version: unknown;
  atMs = Number.NEGATIVE_INFINITY;

  constructor(source: ToolSource, tenant: string) {
    this.source = source;
    this.tenant = tenant;
  }

  get state(): ToolState | undefined {
    if (this.catalog !== undefined) return { catalog: this.catalog };
    return this.problem === undefined ? undefined : { error: this.problem };
  }
}

/** The tools of a runtime: the functions of MCP servers and OpenAPI documents, loaded when they are needed and kept. */
export class Tools {
  readonly #sources: readonly ToolSource[];
  readonly #egress: Egress;
  readonly #reported: (report: RequestReport) => void;
  readonly #loaded = new Map<string, Loaded>();
  readonly #closing = new AbortController();

  /** @param reported is told of each request that loading a tool has sent */
  constructor(sources: readonly ToolSource[], egress: Egress, reported: (report: RequestReport) => void = () => {}) {
    this.#sources = sources;
    this.#egress = egress;
    this.#reported = reported;
  }

  get isEmpty(): boolean {
    return this.#sources.length === 0;
  }

  /** Begins to load every tool, for all tenants that egress rules tell apart, as far as there is room. */
  warm(): void {
    for (const source of this.#sources) {
      for (const tenant of this.#tenantsOf(source)) {
        if (this.#loaded.size < MAX_CATALOGS) this.#current(source, tenant);
      }
    }
  }

  /**
   * The tools that code mentions, loaded or failed.
   * @param texts of the code: a name that none of them spells is not offered
   */
  async offered(tenant: string, texts: readonly string[]): Promise<readonly OfferedTool[]> {
    const mentioned = this.#sources.filter(
      (source) => isForTenant(source, tenant) && texts.some((text) => text.includes(source.name)),
    );
    return await Promise.all(
      mentioned.map(async (source) => ({ name: source.name, state: await this.#settled(source, tenant) })),
    );
  }

  /**
   * TypeScript declarations of a tenant's tools, and what is not there. Loads what is not loaded.
   * @param maxLength of all that is declared in full, in UTF-16 units
   */
  async declarations(
    tenant: string,
    maxLength: number,
  ): Promise<{ readonly text: string; readonly problems: readonly ToolProblem[] }> {
    const sources = this.#sources.filter((source) => isForTenant(source, tenant));
    const problems: ToolProblem[] = [];
    const texts = await Promise.all(
      sources.map(async (source) => {
        const { name } = source;
        const state = await this.#settled(source, tenant);
        if ('catalog' in state) {
          return toolDeclaration(name, state.catalog.functions.values(), maxLength / sources.length);
        }
        problems.push({ name, message: state.error });
        return unavailableDeclaration(name, state.error);
      }),
    );
    return { text: texts.join('\n\n'), problems };
  }

  /** The tools that cannot be loaded, of those that are kept. Where that is long ago, they are tried again. */
  problems(): readonly ToolProblem[] {
    const kept = [...this.#loaded.values()];
    for (const loaded of kept) this.#refresh(loaded);
    return this.#sources.flatMap((source) => {
      const tried = kept.filter((loaded) => loaded.source === source);
      // Where rules are for some tenants, the others are not meant to have the tool.
      const failed = tried.some(({ isRefused }) => !isRefused) ? tried.filter(({ isRefused }) => !isRefused) : tried;
      const message = failed.find(({ problem }) => problem !== undefined)?.problem;
      return message === undefined ? [] : [{ name: source.name, message }];
    });
  }

  /** Ends what is being loaded. */
  close(): void {
    this.#closing.abort();
  }

  async #settled(source: ToolSource, tenant: string): Promise<ToolState> {
    const loaded = this.#current(source, tenant);
    if (loaded.state === undefined) await loaded.loading;
    return loaded.state ?? { error: 'it is not loaded' };
  }

  /** What is known now; begins to load it where it is not there or old. */
  #current(source: ToolSource, tenant: string): Loaded {
    const key = this.#keyOf(source, tenant);
    const loaded = this.#loaded.get(key) ?? new Loaded(source, tenant);
    // The first of the map is the one that was not used for the longest time.
    this.#loaded.delete(key);
    const [oldest] = this.#loaded.keys();
    if (this.#loaded.size >= MAX_CATALOGS && oldest !== undefined) this.#loaded.delete(oldest);
    this.#loaded.set(key, loaded);
    this.#refresh(loaded);
    return loaded;
  }

  /** Begins to load what is not loaded, or old. */
  #refresh(loaded: Loaded): void {
    const { source } = loaded;
    const version = source.version();
    const isFresh = version === loaded.version && performance.now() - loaded.atMs < freshMs(source, loaded);
    if (isFresh || loaded.loading !== undefined || this.#closing.signal.aborted) return;
    loaded.version = version;
    loaded.loading = this.#load(loaded);
  }

  async #load(loaded: Loaded): Promise<void> {
    const { source, tenant } = loaded;
    let session: FetchSession | undefined;
    const open = (): FetchSession => {
      session ??= this.#egress.open(
        { tenantKey: NO_TENANT, tenant, maxBytes: 2 * source.maxAnswerBytes },
        { reply: () => {}, exceeded: () => {}, reported: this.#reported },
      );
      return session;
    };
    try {
      await source.prepare?.();
      // Of the requests alone: to load code may take long on a busy machine.
      const signal = AbortSignal.any([AbortSignal.timeout(LOAD_TIMEOUT_MS), this.#closing.signal]);
      const loading = source.load(guardedFetch(open, source.name, source.maxAnswerBytes), signal);
      loaded.catalog = await Promise.race([loading, aborted(signal)]);
      loaded.problem = undefined;
      loaded.isRefused = false;
    } catch (error) {
      const known = toolError(error);
      loaded.problem = textOf(error, known);
      loaded.isRefused = known?.code === 'Refused';
      if (loaded.isRefused) loaded.catalog = undefined;
    } finally {
      session?.close();
      loaded.atMs = performance.now();
      loaded.loading = undefined;
    }
  }

  /**
   * Tenants with the same rules have one catalog: these decide with whose credentials it is loaded, also where the server redirects to
   * another one.
   */
  #keyOf({ name, loadedFrom }: ToolSource, tenant: string): string {
    return loadedFrom === undefined ? name : `${name} ${this.#egress.tenantRules(tenant, name)}`;
  }

  /** One tenant for each group with the same rules. */
  #tenantsOf(source: ToolSource): readonly string[] {
    const { name, loadedFrom } = source;
    const named =
      source.tenants.length > 0 ? source.tenants : ['', ...this.#egress.rules.flatMap(({ tenants = [] }) => tenants)];
    if (loadedFrom === undefined) return named.slice(0, 1);
    const byKey = new Map<string, string>();
    for (const tenant of named) {
      const key = this.#keyOf(source, tenant);
      if (!byKey.has(key)) byKey.set(key, tenant);
    }
    const all = [...byKey.values()];
    // Where rules are for some tenants, the others are not meant to have the tool.
    const allowed = all.filter((tenant) => this.#egress.allows({ ...loadedFrom, tenant, tool: name }));
    return allowed.length > 0 ? allowed : all.slice(0, 1);
  }
}

/** A document of a ConfigMap is read again where its text is another one. */
function freshMs({ loadedFrom }: ToolSource, { problem }: Loaded): number {
  if (problem !== undefined) return RETRY_MS;
  return loadedFrom === undefined ? Number.POSITIVE_INFINITY : FRESH_MS;
}

const aborted = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => {
    const onAbort = (): void => reject(signal.reason);
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort, { once: true });
  });

function textOf(error: unknown, known: HostError | undefined): string {
  if (known !== undefined) return known.message;
  if ((error as Error)?.name === 'TimeoutError') return `it is not loaded within ${LOAD_TIMEOUT_MS / 1000} s`;
  return 'it cannot be loaded';
}
