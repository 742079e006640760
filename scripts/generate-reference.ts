import type { Crd, Schema } from '../src/api/crd.ts';

const INTRO = `# API reference

<!-- Made from crds/ by scripts/generate.ts: do not edit. -->

The kinds of \`copepod.dev/v1alpha1\`. Durations have the format of the Gateway API (\`250ms\`, \`30s\`, \`1h30m\`), sizes as
Kubernetes quantities (\`64Mi\`, \`32Ki\`), times are RFC 3339. Fields in **bold** are required.
`;

/** Documented once, where it comes from. */
const TEMPLATE_SPEC = 'spec.executionTemplate.spec';

/** The reference page: per kind its columns, and a table per object. */
export function apiReference(crds: readonly Crd[]): string {
  const sections = crds.map((crd) => {
    const { kind, plural, shortNames } = crd.spec.names;
    const version = crd.spec.versions[0];
    const root = version.schema.openAPIV3Schema;
    const columns = version.additionalPrinterColumns.map(({ name, priority }) => (priority ? `${name} (wide)` : name));
    const tables: string[] = [];
    for (const part of ['spec', 'status']) {
      const schema = root.properties?.[part];
      if (schema !== undefined) collect(part, schema, tables);
    }
    return [
      `## ${kind}`,
      `${root.description ?? ''} Namespaced; \`kubectl get ${plural}\`, short \`${shortNames.join('`, `')}\`.`,
      `Columns: ${columns.join(', ')}.`,
      ...tables,
    ].join('\n\n');
  });
  return `${INTRO}\n${sections.join('\n\n')}\n`;
}

function collect(path: string, schema: Schema, tables: string[]): void {
  const lines = [`### ${path}`, '', schema.description ?? ''];
  const rules = (schema['x-kubernetes-validations'] ?? []).map((rule) => rule.message);
  if (rules.length > 0) lines.push('', `Rules: ${rules.join('; ')}.`);
  lines.push('', '| field | type | default | description |', '|---|---|---|---|');
  const nested: [string, Schema][] = [];
  for (const [name, field] of Object.entries(schema.properties ?? {})) {
    const required = schema.required?.includes(name) === true;
    const label = required ? `**\`${name}\`**` : `\`${name}\``;
    const byDefault =
      field.default === undefined || field.properties !== undefined
        ? ''
        : `\`${JSON.stringify(field.default).replace(/^"|"$/g, '')}\``;
    lines.push(`| ${label} | ${typeOf(field)} | ${byDefault} | ${cell(describe(field))} |`);
    if (field.properties !== undefined) nested.push([`${path}.${name}`, field]);
    else if (field.additionalProperties?.properties !== undefined)
      nested.push([`${path}.${name}{}`, field.additionalProperties]);
    else if (field.items?.properties !== undefined) nested.push([`${path}.${name}[]`, field.items]);
  }
  tables.push(lines.join('\n'));
  for (const [childPath, child] of nested) {
    if (childPath === TEMPLATE_SPEC)
      tables.push(`### ${childPath}\n\nThe [spec](#scriptexecution) of a ScriptExecution.`);
    else collect(childPath, child, tables);
  }
}

function typeOf(schema: Schema): string {
  if (schema['x-kubernetes-int-or-string'] === true) return 'quantity';
  if (schema.pattern?.includes('(h|m|s|ms)') === true) return 'duration';
  if (schema.format === 'date-time') return 'time';
  if (schema.type === undefined) return 'any JSON';
  if (schema.type === 'array') return `list of ${typeOf(schema.items ?? {})}`;
  if (schema.additionalProperties !== undefined) return `map to ${typeOf(schema.additionalProperties)}`;
  return schema.type;
}

/** A field's description, with bounds that it does not state. */
function describe(schema: Schema): string {
  const parts = [schema.description ?? ''];
  if (schema.enum !== undefined) parts.push(`One of ${schema.enum.map((value) => `\`${value}\``).join(', ')}.`);
  if (schema.properties === undefined) {
    for (const rule of schema['x-kubernetes-validations'] ?? []) parts.push(`${sentence(rule.message ?? rule.rule)}.`);
  }
  const { minimum, maximum, maxLength, maxItems, maxProperties } = schema;
  if (minimum !== undefined && maximum !== undefined) parts.push(`From ${minimum} to ${maximum}.`);
  else if (minimum !== undefined && minimum > 0) parts.push(`At least ${minimum}.`);
  if (maxLength !== undefined && typeOf(schema) === 'string') parts.push(`At most ${maxLength} characters.`);
  if (maxItems !== undefined) parts.push(`At most ${maxItems} entries.`);
  if (maxProperties !== undefined) parts.push(`At most ${maxProperties} entries.`);
  return parts.join(' ');
}

function sentence(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ');
}
