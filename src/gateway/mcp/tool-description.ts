import { isForTenant, type TenantList } from '../../api/for-tenant.ts';
import { MAX_HOST_TYPES } from '../../api/host-types.ts';
import type { EgressRule, ScriptRuntime, ScriptRuntimeEnv } from '../../api/types.generated.ts';

/** Maximum number of lines for each list. */
const MAX_LINES = 50;

/**
 * What a model reads of the tool: what code it can send, and the types of all that the code can call. Pure.
 *
 * @param tenant id of the tenant whose code it is: it sees variables and egress of its own
 * @param hostTypes TypeScript declarations of host functions and tools; empty: none
 */
export function toolDescription({ spec }: ScriptRuntime, tenant: string, hostTypes: string): string {
  const isFor = (part: TenantList): boolean => isForTenant(part, tenant);
  const { timeout, memory, apiCalls } = spec.limits;
  const imports = Object.keys(spec.imports ?? {});
  // What is for tools alone, `fetch` does not reach.
  const egress = (spec.egress ?? []).filter((rule) => isFor(rule) && (rule.tools ?? []).length === 0);
  const variables = (spec.env ?? []).filter(isFor);
  const paragraphs = [
    'Executes TypeScript or JavaScript in a sandbox of its own, and returns what it gives.',
    'The result is the value of the last expression, or of `export default`; if that is a function, it is called. It must be JSON. `await` works at the top level; there is no `return` outside functions. What the code writes to `console` is returned as logs. Errors come with line and column of the code.',
    `Each call starts afresh: nothing is kept from one to the next. Limits: ${timeout}, ${memory} of memory, ${apiCalls} calls of host functions and of fetch.`,
    'There is ECMAScript and what the web platform has in common (URL, TextEncoder, crypto.subtle, streams, timers, structuredClone). There are no files, no Node.js modules and no DOM.',
    imports.length === 0
      ? 'Nothing can be imported.'
      : `Modules that can be imported:\n${list(imports.map((specifier) => `import ... from '${specifier}'`))}`,
    egress.length === 0 ? 'fetch reaches nothing.' : `fetch reaches:\n${list(egress.map(egressText))}`,
  ];
  const declarations = [envTypes(variables), clipped(hostTypes.trim())].filter((text) => text !== '');
  if (declarations.length > 0) {
    paragraphs.push(`The code can also use:\n\`\`\`ts\n${declarations.join('\n\n')}\n\`\`\``);
  }
  return paragraphs.join('\n\n');
}

function egressText({ hosts, schemes, ports = [], methods = [], paths = [] }: EgressRule): string {
  const port = ports.length === 0 ? '' : `:${ports.join('|')}`;
  const url = `${schemes.join('|')}://${hosts.join('|')}${port}`;
  return `${methods.length === 0 ? 'any method' : methods.join(', ')}: ${url}${paths.length === 0 ? '' : ` ${paths.join(' or ')}`}`;
}

function envTypes(variables: readonly ScriptRuntimeEnv[]): string {
  if (variables.length === 0) return '';
  const members = [...Map.groupBy(variables, ({ name }) => name)].map(([name, entries]) => {
    const isOptional = entries.every(({ valueFrom: { configMapKeyRef, secretKeyRef } = {} }) => {
      return (configMapKeyRef ?? secretKeyRef)?.optional === true;
    });
    return `  readonly ${/^\w+$/.test(name) ? name : JSON.stringify(name)}${isOptional ? '?' : ''}: string;`;
  });
  return `declare const env: {\n${members.join('\n')}\n};`;
}

function list(lines: readonly string[]): string {
  const more = lines.length > MAX_LINES ? [`and ${lines.length - MAX_LINES} more`] : [];
  return [...lines.slice(0, MAX_LINES), ...more].map((line) => `- ${line}`).join('\n');
}

/** Whole lines only. */
function clipped(text: string): string {
  if (text.length <= MAX_HOST_TYPES) return text;
  return `${text.slice(0, text.lastIndexOf('\n', MAX_HOST_TYPES))}\n// The rest is too long to be shown.`;
}
