import { isGone, isNotFound } from './api-error.ts';
import type * as options from './client-options.ts';
import type { CredentialSource } from './credentials.ts';
import { Deadline } from './exchange.ts';
import type { KubeObject, ObjectRef } from './object.ts';
import { Requester } from './requester.ts';
import { collectionPath, objectPath, type Resource } from './resource.ts';
import { PODS } from './resources.ts';
import { parseWatchLine, readLines, type WatchEvent } from './watch-stream.ts';
import type { DeepPartial } from './wire-type.ts';

const PAGE_SIZE = 500;
const IDLE_WATCH_MS = 150_000;
const MIN_WATCH_SECONDS = 300;
/** In characters. Containers of any image write logs, and need not end a line. */
const MAX_LOG_LINE = 1 << 20;

interface ListBody<T> {
  items: T[] | null;
  metadata: { resourceVersion?: string; continue?: string };
}

/**
 * The verbs of the Kubernetes API over pooled connections. Every method throws `ApiError` if the server refuses,
 * `TransportError` if no answer arrives, the guard's error if a write is not allowed, or the signal's reason. Reads are
 * retried after transient errors; writes only if they cannot have taken effect (429, never sent).
 */
export class KubeClient {
  readonly #requester: Requester;

  private constructor(requester: Requester) {
    this.#requester = requester;
  }

  /** Returns a client that connects on first use. */
  static to(source: CredentialSource, settings: options.ClientOptions = {}): KubeClient {
    return new KubeClient(Requester.to(source, settings));
  }

  /**
   * Returns a client over the same connections whose requests end with the guard: a leader that loses its Lease stops
   * writing at once.
   */
  guardedBy(guard: options.WriteGuard): KubeClient {
    return new KubeClient(this.#requester.guardedBy(guard));
  }

  async get<T extends KubeObject>(
    resource: Resource<T>,
    ref: ObjectRef,
    { subresource, ...call }: options.CallOptions & options.SubresourceOptions = {},
  ): Promise<T> {
    const path = objectPath(resource, ref, subresource);
    return this.#requester.send<T>({ verb: 'get', method: 'GET', resource: named(resource, subresource), path }, call);
  }

  /** Returns the object, or undefined if it does not exist. */
  async find<T extends KubeObject>(
    resource: Resource<T>,
    ref: ObjectRef,
    call: options.CallOptions = {},
  ): Promise<T | undefined> {
    try {
      return await this.get(resource, ref, call);
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw error;
    }
  }

  /** Lists all objects page by page; if a continue token expires, lists them again in one answer. */
  async list<T extends KubeObject, U = T>(
    resource: Resource<T>,
    { pageSize = PAGE_SIZE, ...rest }: options.ListOptions<T, U> = {},
  ): Promise<options.ListResult<U>> {
    try {
      return await this.#listPages(resource, pageSize, rest);
    } catch (error) {
      if (!isGone(error) || pageSize === 0) throw error;
      return this.#listPages(resource, 0, rest);
    }
  }

  /** Lists the metadata of all objects, which the server sends without the rest of them. */
  async listMetadata(
    resource: Resource,
    { namespace, labelSelector, fieldSelector, ...call }: options.CallOptions & options.Selection = {},
  ): Promise<KubeObject['metadata'][]> {
    const path = collectionPath(resource, namespace);
    const accept = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1';
    const query = { labelSelector, fieldSelector };
    const request = { verb: 'list', method: 'GET', resource: resource.plural, path, query, accept } as const;
    const { items } = await this.#requester.send<ListBody<KubeObject>>(request, call);
    return (items ?? []).map(({ metadata }) => metadata);
  }

  async create<T extends KubeObject>(resource: Resource<T>, object: T, call: options.CallOptions = {}): Promise<T> {
    const path = collectionPath(resource, object.metadata.namespace);
    const body = typed(resource, object);
    return this.#requester.send<T>({ verb: 'create', method: 'POST', resource: resource.plural, path, body }, call);
  }

  /**
   * Replaces the object. With a `resourceVersion`, the server answers with a conflict if the object has changed since.
   */
  async replace<T extends KubeObject>(
    resource: Resource<T>,
    object: T,
    { subresource, ...call }: options.CallOptions & options.SubresourceOptions = {},
  ): Promise<T> {
    const path = objectPath(resource, object.metadata, subresource);
    const body = typed(resource, object);
    return this.#requester.send<T>(
      { verb: 'update', method: 'PUT', resource: named(resource, subresource), path, body },
      call,
    );
  }

  /**
   * Replaces the status. The server ignores the rest of the object except name and resource version. The resource
   * version is required: an object that has changed since is a conflict.
   */
  async replaceStatus<T extends KubeObject>(
    resource: Resource<T>,
    object: T,
    call: options.CallOptions = {},
  ): Promise<T> {
    if (!object.metadata.resourceVersion) throw new TypeError('replaceStatus needs metadata.resourceVersion');
    return this.replace(resource, object, { ...call, subresource: 'status' });
  }

  /** JSON Patch (RFC 6902). The server refuses a failed `test` and a missing path as invalid (422). */
  async jsonPatch<T extends KubeObject>(
    resource: Resource<T>,
    ref: ObjectRef,
    operations: readonly options.JsonPatchOperation[],
    { subresource, ...call }: options.CallOptions & options.SubresourceOptions = {},
  ): Promise<T> {
    const path = objectPath(resource, ref, subresource);
    const contentType = 'application/json-patch+json';
    return this.#requester.send<T>(
      { verb: 'patch', method: 'PATCH', resource: named(resource, subresource), path, body: operations, contentType },
      call,
    );
  }

  /**
   * JSON Merge Patch (RFC 7396): fields that are null are removed. With a uid, another object's uid is a conflict.
   * Unsuitable for user-supplied values: nulls inside them are lost.
   */
  async mergePatch<T extends KubeObject>(
    resource: Resource<T>,
    ref: ObjectRef,
    patch: object,
    call: options.CallOptions = {},
  ): Promise<T> {
    const path = objectPath(resource, ref);
    const contentType = 'application/merge-patch+json';
    return this.#requester.send<T>(
      { verb: 'patch', method: 'PATCH', resource: resource.plural, path, body: patch, contentType },
      call,
    );
  }

  /** Server-side apply: sets the given fields, and removes fields this manager applied before and no longer lists. */
  async apply<T extends KubeObject>(
    resource: Resource<T>,
    object: DeepPartial<Omit<T, 'metadata'>> & Pick<KubeObject, 'metadata'>,
    { fieldManager, force, subresource, ...call }: options.ApplyOptions,
  ): Promise<T> {
    const path = objectPath(resource, object.metadata, subresource);
    const body = typed(resource, object);
    const contentType = 'application/apply-patch+yaml';
    const query = { fieldManager, force };
    return this.#requester.send<T>(
      { verb: 'patch', method: 'PATCH', resource: named(resource, subresource), path, query, body, contentType },
      call,
    );
  }

  /** Requests deletion of the object. A missing object is an error (404). */
  async delete(
    resource: Resource,
    ref: ObjectRef,
    { uid, resourceVersion, propagation, gracePeriodSeconds, ...call }: options.DeleteOptions = {},
  ): Promise<void> {
    const preconditions = uid || resourceVersion ? { uid, resourceVersion } : undefined;
    const meta = { apiVersion: 'v1', kind: 'DeleteOptions' };
    const body = { ...meta, preconditions, propagationPolicy: propagation, gracePeriodSeconds };
    const path = objectPath(resource, ref);
    await this.#requester.send({ verb: 'delete', method: 'DELETE', resource: resource.plural, path, body }, call);
  }

  /**
   * Yields changes after a resource version, with bookmarks. The iteration ends when the server ends the watch (every
   * few minutes) or the signal is aborted. Throws `ApiError` (`isGone`: list again), or `TransportError` if the
   * connection breaks or stays silent for too long. Does not retry.
   */
  async *watch<T extends KubeObject>(
    resource: Resource<T>,
    { namespace, signal, idleTimeoutMs = IDLE_WATCH_MS, timeoutSeconds, ...selection }: options.WatchOptions,
  ): AsyncGenerator<WatchEvent<T>, void> {
    const seconds = timeoutSeconds ?? Math.round(MIN_WATCH_SECONDS * (1 + Math.random()));
    const query = { ...selection, watch: true, allowWatchBookmarks: true, timeoutSeconds: seconds };
    const path = collectionPath(resource, namespace);
    const call = { verb: 'watch', method: 'GET', resource: resource.plural, path, query } as const;
    using deadline = new Deadline(idleTimeoutMs, `watching ${resource.plural}`, signal);
    try {
      const { body } = await this.#requester.open(call, deadline.signal);
      for await (const line of readLines(body, { onArrival: () => deadline.extend() })) yield parseWatchLine<T>(line);
      if (!signal?.aborted) deadline.signal.throwIfAborted(); // an iteration ended by our own deadline ends normally
    } catch (error) {
      if (signal?.aborted) return;
      throw deadline.signal.aborted ? deadline.signal.reason : error;
    } finally {
      deadline.cancel();
    }
  }

  /**
   * Yields the lines of a container's log, without those of more than a million characters. Throws `ApiError` if the server refuses, or has no answer of the node. Does not
   * retry; the iteration ends with the log, or when the signal is aborted.
   */
  async *podLog(ref: ObjectRef, { signal, ...query }: options.PodLogOptions): AsyncGenerator<string, void> {
    const path = objectPath(PODS, ref, 'log');
    const call = { verb: 'get', method: 'GET', resource: 'pods/log', path, query: { ...query } } as const;
    try {
      const { body } = await this.#requester.open(call, signal);
      yield* readLines(body, { maxLength: MAX_LOG_LINE });
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  }

  /** GET of any path: `/version`, `/readyz`, discovery. The answer must be JSON. */
  async getPath<T>(path: string, call: options.CallOptions = {}): Promise<T> {
    return this.#requester.send<T>({ verb: 'get', method: 'GET', resource: path, path }, call);
  }

  /**
   * The API server's clock, estimated from its answers, in milliseconds since the epoch; the local clock before the
   * first answer.
   */
  now(): number {
    return this.#requester.clock.now();
  }

  /** How far the local clock is ahead of the API server's, in milliseconds. */
  get clockSkewMs(): number {
    return this.#requester.clock.skewMs;
  }

  /** Closes the connections of this client and of all clients derived from it. Requests in flight fail. */
  close(): void {
    this.#requester.close();
  }

  async #listPages<T extends KubeObject, U>(
    resource: Resource<T>,
    limit: number,
    { namespace, labelSelector, fieldSelector, map, ...call }: Omit<options.ListOptions<T, U>, 'pageSize'>,
  ): Promise<options.ListResult<U>> {
    const items: U[] = [];
    const path = collectionPath(resource, namespace);
    let next: string | undefined;
    for (;;) {
      const query = { labelSelector, fieldSelector, limit: limit || undefined, continue: next };
      const request = { verb: 'list', method: 'GET', resource: resource.plural, path, query } as const;
      const page = await this.#requester.send<ListBody<T>>(request, call);
      for (const item of page.items ?? []) {
        const object = typed(resource, item);
        items.push(map ? map(object) : (object as unknown as U));
      }
      next = page.metadata.continue;
      if (!next) return { items, resourceVersion: page.metadata.resourceVersion ?? '' };
    }
  }
}

function named({ plural }: Resource, subresource: string | undefined): string {
  return subresource ? `${plural}/${subresource}` : plural;
}

/** Adds `apiVersion` and `kind`, which lists omit and callers may omit. */
function typed<T extends object>({ apiVersion, kind }: Resource, object: T): T {
  return { apiVersion, kind, ...object };
}
