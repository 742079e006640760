import type { ScriptRuntimeTools } from '../../api/types.generated.ts';
import { wildcardMatches } from '../egress/path-pattern.ts';
import type { ValueSource } from '../env/value-source.ts';
import { McpSource } from './mcp/source.ts';
import { OpenAPISource } from './openapi/source.ts';
import type { ToolSource } from './tool-source.ts';

/**
 * The sources of `spec.tools`.
 * @param values where the ConfigMaps are that documents come from
 */
export function specTools(tools: readonly ScriptRuntimeTools[] = [], values?: ValueSource): readonly ToolSource[] {
  return tools.map((tool) => {
    const { functions = [] } = tool;
    const wanted = (name: string): boolean =>
      functions.length === 0 || functions.some((pattern) => wildcardMatches(pattern, name));
    const { name, tenants, mcp } = tool;
    return mcp === undefined
      ? new OpenAPISource(tool, wanted, values)
      : new McpSource({ name, tenants, url: new URL(mcp.url), wanted });
  });
}
