import { globSync } from 'node:fs';
import { basename } from 'node:path';
import { isMap, isSeq, type ParsedNode, parseAllDocuments, stringify, type YAMLSeq } from 'yaml';
import { dashboardJson } from './dashboards/dashboard.ts';
import { gatewayDashboard } from './dashboards/gateway.ts';
import { operatorDashboard } from './dashboards/operator.ts';
import { runtimeDashboard } from './dashboards/runtime.ts';
import { tenantsDashboard } from './dashboards/tenants.ts';

const DASHBOARDS = [tenantsDashboard, runtimeDashboard, operatorDashboard, gatewayDashboard];

/** Reads a file of the repository, by its path from the root. */
export type ReadFile = (path: string) => string;

interface ValueSchema {
  readonly description?: string;
  readonly default?: unknown;
  readonly type?: string | readonly string[];
  readonly enum?: readonly string[];
  readonly properties?: Readonly<Record<string, ValueSchema>>;
}

const CHART = 'charts/copepod';

/**
 * What the Helm chart shares with crds/ and deploy/, and what follows from the schema of its values: generated contents by path.
 * The objects that the chart writes as templates are compared with deploy/ by test/kubernetes/chart instead.
 */
export function chartFiles(read: ReadFile): Map<string, string> {
  const schema = JSON.parse(read(`${CHART}/values.schema.json`)) as ValueSchema;
  const gateway = rulesOf(read('deploy/gateway/role.yaml'));
  return new Map([
    ...globSync('crds/*.yaml').map((path) => [`${CHART}/files/crds/${basename(path)}`, read(path)] as const),
    ...globSync('deploy/policies/*-created-by.yaml').map(
      (path) => [`${CHART}/files/policies/${basename(path)}`, read(path)] as const,
    ),
    [`${CHART}/files/user-roles.yaml`, read('deploy/base/user-roles.yaml')],
    [`${CHART}/files/rules/operator-own.yaml`, rulesText(rulesOf(read('deploy/base/own-role.yaml')))],
    [`${CHART}/files/rules/operator-watch.yaml`, rulesText(rulesOf(read('deploy/watch/role.yaml')))],
    [`${CHART}/files/rules/gateway-own.yaml`, rulesText(rulesOf(read('deploy/gateway/own-role.yaml')))],
    // Apart, because a Role cannot grant reviews, which have no namespace.
    [`${CHART}/files/rules/gateway-reviews.yaml`, rulesText(gateway, isReview)],
    [`${CHART}/files/rules/gateway-served.yaml`, rulesText(gateway, (groups) => !isReview(groups))],
    ...DASHBOARDS.map((each) => [`${CHART}/files/dashboards/${each.name}.json`, dashboardJson(each)] as const),
    [`${CHART}/values.yaml`, valuesFile(schema)],
    ['docs/chart-values.md', valuesTable(schema)],
  ]);
}

const isReview = (groups: readonly string[]): boolean =>
  groups.every((group) => group === 'authentication.k8s.io' || group === 'authorization.k8s.io');

/** The rules of the first role in a manifest, with their comments. */
function rulesOf(manifest: string): YAMLSeq<ParsedNode> {
  for (const document of parseAllDocuments(manifest)) {
    const rules = document.get('rules', true);
    if (isSeq<ParsedNode>(rules)) return rules;
  }
  throw new Error('the manifest has no role');
}

/** Rules as YAML, those whose API groups are wanted. */
function rulesText(rules: YAMLSeq<ParsedNode>, wants: (groups: readonly string[]) => boolean = () => true): string {
  const copy = rules.clone() as YAMLSeq<ParsedNode>;
  const [first] = copy.items;
  copy.items = copy.items.filter((rule) => {
    const groups = isMap(rule) ? rule.get('apiGroups', true) : undefined;
    return wants(isSeq(groups) ? (groups.toJSON() as string[]) : []);
  });
  // The parser gives the first rule's comment to the list.
  if (copy.items[0] !== first) copy.commentBefore = null;
  return stringify(copy, { lineWidth: 0, flowCollectionPadding: false });
}

/** values.yaml: the defaults of the schema, each under its description. */
function valuesFile(schema: ValueSchema): string {
  const lines = ['# Made from values.schema.json by scripts/generate.ts: do not edit.'];
  for (const [name, value] of propertiesOf(schema)) writeValue(name, value, '', lines);
  return `${lines.join('\n')}\n`;
}

function writeValue(name: string, value: ValueSchema, indent: string, lines: string[]): void {
  if (indent === '') lines.push('');
  // Links are for the page.
  const text = (value.description ?? '').replaceAll(/\[([^\]]+)\]\([^)]+\)/g, 'docs/$1').replaceAll('`', '');
  for (const line of wrapped(text, 120 - indent.length - 2)) lines.push(`${indent}# ${line}`);
  if (value.properties !== undefined) {
    lines.push(`${indent}${name}:`);
    for (const [key, each] of propertiesOf(value)) writeValue(key, each, `${indent}  `, lines);
  } else {
    const written = stringify(
      { [name]: value.default },
      { defaultStringType: 'PLAIN', defaultKeyType: 'PLAIN' },
    ).trimEnd();
    lines.push(...written.split('\n').map((line) => `${indent}${line}`));
  }
}

/** Values and objects of values, without `global`, which is Helm's. */
const propertiesOf = (schema: ValueSchema): [string, ValueSchema][] =>
  Object.entries(schema.properties ?? {}).filter(([name]) => name !== 'global');

function wrapped(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= width) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}

function valuesTable(schema: ValueSchema): string {
  const rows = propertiesOf(schema).flatMap(([name, value]) => rowsOf(name, value));
  return `# Values of the chart

<!-- Made from charts/copepod/values.schema.json by scripts/generate.ts: do not edit. -->

Set them with \`--set NAME=VALUE\` or in a file with \`--values FILE\`: [install.md](install.md). Helm refuses unknown names and values of the
wrong type.

| name | type | default | description |
|---|---|---|---|
${rows.join('\n')}
`;
}

function rowsOf(path: string, value: ValueSchema): string[] {
  if (value.properties !== undefined) {
    return propertiesOf(value).flatMap(([name, each]) => rowsOf(`${path}.${name}`, each));
  }
  const description = (value.description ?? '').replaceAll('|', '\\|');
  return [`| \`${path}\` | ${typeOf(value)} | \`${JSON.stringify(value.default)}\` | ${description} |`];
}

function typeOf({ type, enum: values, default: byDefault }: ValueSchema): string {
  if (values !== undefined) return values.map((each) => `\`${each}\``).join(', ');
  if (type !== undefined) return typeof type === 'string' ? type : type.join(' or ');
  if (Array.isArray(byDefault)) return 'array';
  return typeof byDefault;
}
