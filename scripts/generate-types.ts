import { compile } from 'json-schema-to-typescript';
import { API_VERSION, type Crd, type Schema } from '../src/api/crd.ts';

/** Names of nested types that differ from their path or are shared by several fields. */
const NAMES: Readonly<Record<string, string>> = {
  'status.conditions[]': 'Condition',
  'status.error': 'ExecutionError',
  'status.attemptHistory[].error': 'ExecutionError',
  'status.attemptHistory[]': 'ExecutionAttempt',
  'status.logs[]': 'ExecutionLogLine',
  'status.usage': 'ExecutionUsage',
  'status.claim': 'ExecutionClaim',
  'spec.sourceFrom': 'ScriptSourceReference',
  'spec.sourceFrom.configMapKeyRef': 'ConfigMapKeyReference',
  'spec.sourceFrom.configMapRef': 'ConfigMapFilesReference',
  'spec.runtimeRef': 'ScriptRuntimeReference',
  'spec.template.tolerations[]': 'Toleration',
  'spec.template.affinity': 'Affinity',
  'spec.template.resources': 'ResourceRequirements',
  'spec.template.topologySpreadConstraints[]': 'TopologySpreadConstraint',
  'spec.template.topologySpreadConstraints[].labelSelector': 'LabelSelector',
  'spec.template.topologySpreadConstraints[].labelSelector.matchExpressions[]': 'LabelSelectorRequirement',
  'spec.template.imagePullSecrets[]': 'LocalObjectReference',
  'spec.env[].valueFrom': 'EnvVarSource',
  'spec.env[].valueFrom.configMapKeyRef': 'ConfigMapKeySelector',
  'spec.env[].valueFrom.secretKeyRef': 'SecretKeySelector',
  'spec.imports[]': 'ScriptRuntimeImport',
  'spec.imports[].configMapKeyRef': 'ConfigMapFileReference',
  'spec.egress[]': 'EgressRule',
  'spec.egress[].headers[]': 'EgressHeader',
  'spec.egress[].headers[].valueFrom': 'EgressHeaderSource',
  'spec.egress[].headers[].valueFrom.secretKeyRef': 'SecretKeyReference',
};

const BANNER = `// Generated from crds/ by scripts/generate.ts: do not edit.
// The types describe objects with defaults, as an API server returns them: a field with a default is required.
import type { JsonValue } from './json.ts';
import type { ObjectMeta } from './object-meta.ts';
`;

type JsonSchema = Record<string, unknown>;

/** The TypeScript types of the kinds; each nested object has its own name. */
export async function apiTypes(crds: readonly Crd[]): Promise<string> {
  const definitions: Record<string, JsonSchema> = {};
  for (const crd of crds) {
    const { kind } = crd.spec.names;
    const root = crd.spec.versions[0].schema.openAPIV3Schema;
    const name = new TypeNames(kind, definitions);
    name.define(kind, root, '');
  }
  const root = { title: 'Unused', type: 'object', additionalProperties: false, definitions };
  const text = await compile(root as Parameters<typeof compile>[0], 'Unused', {
    bannerComment: BANNER,
    additionalProperties: false,
    unreachableDefinitions: true,
    ignoreMinAndMaxItems: true,
    style: { singleQuote: true, printWidth: 120, bracketSpacing: true },
  });
  return text
    .replace(/export interface Unused \{\}\n+/, '')
    .replace(/ \* This interface was referenced by `Unused`'s JSON-Schema\n \* via the `definition` "\w+"\.\n/g, '')
    .replace(/\n \*\n \*\//g, '\n */')
    .replace(/\/\*\*\n *\* ([^\n]*)\n *\*\//g, '/** $1 */')
    .replace(/\n+(?=\/\*\* )/g, '\n\n');
}

class TypeNames {
  readonly #kind: string;
  readonly #definitions: Record<string, JsonSchema>;

  constructor(kind: string, definitions: Record<string, JsonSchema>) {
    this.#kind = kind;
    this.#definitions = definitions;
  }

  /** Adds a named type. Two shapes with one name are a mistake in NAMES. */
  define(name: string, schema: Schema, path: string): void {
    const before = this.#definitions[name];
    if (before === undefined) this.#definitions[name] = {};
    const properties: Record<string, JsonSchema> = {};
    const required: string[] = [...(schema.required ?? [])];
    for (const [key, child] of Object.entries(schema.properties ?? {})) {
      const known = path === '' ? rootField(key, this.#kind) : undefined;
      properties[key] = known?.tsType === undefined ? { ...this.#convert(child, join(path, key)), ...known } : known;
      if ((child.default !== undefined || known !== undefined) && !required.includes(key)) required.push(key);
    }
    const type = {
      title: name,
      description: schema.description,
      type: 'object',
      additionalProperties: false,
      required,
      properties,
    };
    if (before !== undefined && JSON.stringify(before) !== JSON.stringify(type)) {
      throw new Error(`two shapes want the name ${name}: see ${this.#kind} ${path}`);
    }
    this.#definitions[name] = type;
  }

  #convert(schema: Schema, path: string): JsonSchema {
    const { description } = schema;
    if (schema['x-kubernetes-int-or-string'] === true) return { description, tsType: 'number | string' };
    if (schema.type === undefined) return { description, tsType: 'JsonValue' };
    if (schema.type === 'array') {
      return { description, type: 'array', items: this.#convert(schema.items ?? {}, `${path}[]`) };
    }
    if (schema.type !== 'object') return { description, type: schema.type, ...(schema.enum && { enum: schema.enum }) };
    if (schema.properties !== undefined) {
      const name = typeName(this.#kind, path);
      this.define(name, schema, path);
      // Not $ref: the compiler treats a $ref with a description as a different type.
      return { description, tsType: name };
    }
    const values = schema.additionalProperties;
    if (values === undefined) return { description, tsType: 'Record<string, JsonValue>' };
    const value = this.#convert(values, `${path}[]`);
    return { description, tsType: `Record<string, ${value.tsType ?? value.type}>` };
  }
}

/** Examples: ScriptRuntimeSpec, ScriptRuntimePool (of the spec), ScriptRuntimeStatusPool. */
function typeName(kind: string, path: string): string {
  const ofExecution = kind === 'ScriptSchedule' ? path.replace(/^spec\.executionTemplate\.(?=spec)/, '') : path;
  if (ofExecution !== path) return typeName('ScriptExecution', ofExecution);
  const parts = path.replaceAll('[]', '').split('.');
  if (parts.length > 1 && parts[0] === 'spec') parts.shift();
  return NAMES[path] ?? kind + parts.map((part) => part.charAt(0).toUpperCase() + part.slice(1)).join('');
}

/** Types of an object's root fields that its schema does not define. All are required. */
function rootField(key: string, kind: string): JsonSchema | undefined {
  if (key === 'apiVersion') return { const: API_VERSION };
  if (key === 'kind') return { const: kind };
  return key === 'metadata' ? { tsType: 'ObjectMeta' } : undefined;
}

function join(path: string, key: string): string {
  return path === '' ? key : `${path}.${key}`;
}
