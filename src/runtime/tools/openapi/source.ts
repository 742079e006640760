import { referenceText, type ValueReference } from '../../../api/env.ts';
import type { JsonValue } from '../../../api/json.ts';
import type { ScriptRuntimeTools } from '../../../api/types.generated.ts';
import type { ValueSource } from '../../env/value-source.ts';
import { answerOf } from '../answer.ts';
import type { GuardedFetch } from '../guarded-fetch.ts';
import { ToolError } from '../tool-error.ts';
import type { Catalog, ToolSession, ToolSource } from '../tool-source.ts';
import { invalid, MAX_DOCUMENT_BYTES, readDocument } from './document.ts';
import { type Operation, operationsOf } from './operations.ts';
import { requestOf } from './request.ts';

/** Functions of the operations of an OpenAPI document. */
export class OpenAPISource implements ToolSource {
  readonly name: string;
  readonly tenants: readonly string[];
  readonly loadedFrom: ToolSource['loadedFrom'];
  readonly maxAnswerBytes = MAX_DOCUMENT_BYTES;
  readonly #reference: ValueReference | undefined;
  readonly #baseURL: string | undefined;
  readonly #values: ValueSource | undefined;
  readonly #wanted: (name: string) => boolean;

  /** @param wanted whether a function is wanted, by its name */
  constructor(
    { name, tenants = [], openAPI = {} }: ScriptRuntimeTools,
    wanted: (name: string) => boolean,
    values: ValueSource | undefined,
  ) {
    const { url, configMapKeyRef, baseURL } = openAPI;
    this.name = name;
    this.tenants = tenants;
    this.loadedFrom = url === undefined ? undefined : { url: new URL(url), method: 'GET' };
    this.#reference = configMapKeyRef && { kind: 'ConfigMap', ...configMapKeyRef };
    this.#baseURL = baseURL;
    this.#values = values;
    this.#wanted = wanted;
  }

  version(): unknown {
    return this.#reference && this.#values?.snapshot().read(this.#reference);
  }

  async load(fetch: GuardedFetch, signal: AbortSignal): Promise<Catalog> {
    const { text, url } = await this.#read(fetch, signal);
    const operations = operationsOf(readDocument(text), this.#wanted);
    if (operations.size === 0) throw invalid('the document has no operation that scripts could call');
    const functions = new Map([...operations].map(([name, operation]) => [name, operation.function]));
    const bases = new Map(
      [...operations].map(([name, { server = '/' }]) => [name, this.#baseURL ?? absolute(server, url)]),
    );
    return { functions, open: (fetch) => new OperationCalls(operations, bases, fetch) };
  }

  async #read(
    fetch: GuardedFetch,
    signal: AbortSignal,
  ): Promise<{ readonly text: string; readonly url: string | undefined }> {
    if (this.#reference !== undefined) {
      const text = this.#values?.snapshot().read(this.#reference);
      if (text === undefined) {
        throw new ToolError('Unavailable', `${referenceText(this.#reference)} does not exist`);
      }
      return { text, url: undefined };
    }
    const url = this.loadedFrom?.url.href ?? '';
    const response = await fetch(url, { headers: { accept: 'application/json, application/yaml, */*;q=0.5' }, signal });
    if (!response.ok) {
      void response.body?.cancel().catch(() => {});
      throw new ToolError('Unavailable', `the server answered with status ${response.status}`);
    }
    return { text: await response.text(), url };
  }
}

/** A server's URL may be relative to that of its document. @throws ToolError if it is, and the document has none */
function absolute(server: string, document: string | undefined): string {
  const url = URL.parse(server, document);
  if (url === null) {
    throw invalid('the document names no server, or by a relative URL: set openAPI.baseURL');
  }
  url.search = '';
  url.hash = '';
  return url.href;
}

class OperationCalls implements ToolSession {
  readonly #operations: ReadonlyMap<string, Operation>;
  /** URLs in front of the paths. */
  readonly #bases: ReadonlyMap<string, string>;
  readonly #fetch: GuardedFetch;

  constructor(operations: ReadonlyMap<string, Operation>, bases: ReadonlyMap<string, string>, fetch: GuardedFetch) {
    this.#operations = operations;
    this.#bases = bases;
    this.#fetch = fetch;
  }

  async call(name: string, input: JsonValue | undefined, signal: AbortSignal): Promise<JsonValue | undefined> {
    const operation = this.#operations.get(name) as Operation;
    const { url, method, headers, body } = requestOf(operation, this.#bases.get(name) as string, input);
    const init = { method, headers: [...headers], signal, ...(body === undefined ? {} : { body }) };
    return await answerOf(await this.#fetch(url, init));
  }

  close(): void {}
}
