import type { JsonObject } from '../../../api/json.ts';
import { UniqueNames } from '../function-names.ts';
import type { GuardedFetch } from '../guarded-fetch.ts';
import { listOf, memberOf, textOf } from '../json-members.ts';
import { References } from '../references.ts';
import { SchemaTypes } from '../schema-types.ts';
import { ToolError } from '../tool-error.ts';
import { type Catalog, MAX_FUNCTIONS, MAX_SEEN_FUNCTIONS, type ToolSource } from '../tool-source.ts';
import type { PriorDiscovery } from './client.ts';
import { type ListedTool, McpSession } from './session.ts';

/** A page of a server's list of tools: the SDK checks each member of each tool. */
const MAX_LIST_BYTES = 2 << 20;

export interface McpSourceOptions {
  readonly name: string;
  readonly tenants: readonly string[] | undefined;
  readonly url: URL;
  /** Whether a function is wanted, by its name. */
  readonly wanted: (name: string) => boolean;
}

/** Functions of the tools of an MCP server. */
export class McpSource implements ToolSource {
  readonly name: string;
  readonly tenants: readonly string[];
  readonly loadedFrom: { readonly url: URL; readonly method: string };
  readonly maxAnswerBytes = MAX_LIST_BYTES;
  readonly #wanted: (name: string) => boolean;

  constructor({ name, tenants = [], url, wanted }: McpSourceOptions) {
    this.name = name;
    this.tenants = tenants;
    this.loadedFrom = { url, method: 'POST' };
    this.#wanted = wanted;
  }

  version(): unknown {
    return undefined;
  }

  async prepare(): Promise<unknown> {
    return await import('./client.ts');
  }

  async load(fetch: GuardedFetch, signal: AbortSignal): Promise<Catalog> {
    const { url } = this.loadedFrom;
    const { connect, mcpError, requestOptions } = await import('./client.ts');
    const { client, transport } = await connect(url, fetch, { signal });
    try {
      const { tools } = await client.listTools(undefined, requestOptions(signal));
      const listed = this.#functionsOf(tools as unknown as readonly JsonObject[]);
      if (listed.size === 0) throw new ToolError('InvalidAnswer', 'the server lists no tool that scripts could call');
      const discover = client.getDiscoverResult();
      const prior: PriorDiscovery = discover === undefined ? { kind: 'legacy' } : { kind: 'modern', discover };
      const functions = new Map([...listed].map(([name, tool]) => [name, tool.function]));
      return {
        functions,
        open: (fetch, afterwards) => new McpSession({ url, prior, tools: listed, fetch, afterwards }),
      };
    } catch (error) {
      throw mcpError(error);
    } finally {
      // A server without sessions has none to end.
      await transport.terminateSession().catch(() => {});
      await client.close().catch(() => {});
    }
  }

  #functionsOf(tools: readonly JsonObject[]): ReadonlyMap<string, ListedTool> {
    const names = new UniqueNames();
    const types = new SchemaTypes();
    const listed = new Map<string, ListedTool>();
    for (const tool of tools.slice(0, MAX_SEEN_FUNCTIONS)) {
      const original = textOf(memberOf(tool, 'name'));
      const name = names.of(original);
      if (!this.#wanted(name)) continue;
      const input = memberOf(tool, 'inputSchema') ?? {};
      const output = memberOf(tool, 'outputSchema');
      listed.set(name, {
        original,
        // A server may ask for arguments in headers, by their schemas.
        definition: JSON.stringify(input).includes('"x-mcp-header"')
          ? { name: original, inputSchema: input }
          : undefined,
        function: {
          name,
          description: textOf(memberOf(tool, 'description')) || textOf(memberOf(tool, 'title')),
          input: types.of(input, new References(input)),
          isOptional: listOf(memberOf(input, 'required')).length === 0,
          output: output === undefined ? 'any' : types.of(output, new References(output)),
        },
      });
      if (listed.size === MAX_FUNCTIONS) break;
    }
    return listed;
  }
}
