import { describe, expect, test } from '@jest/globals';
import { generatedFiles, staleFiles } from '../../../scripts/generate.ts';
import { checkRules } from '../../../src/api/cel.ts';
import { KINDS, loadCrd, type Schema, schemaOf } from '../../../src/api/crd.ts';
import { withDefaults } from '../../../src/api/defaulting.ts';
import type { JsonValue } from '../../../src/api/json.ts';
import { checkSchema } from '../../../src/api/schema.ts';

/** Every node of a kind's schema with its path, except `metadata`, which is Kubernetes' own. */
function nodes(kind: (typeof KINDS)[number]): [string, Schema][] {
  const out: [string, Schema][] = [];
  visit(schemaOf(kind), kind);
  return out;

  function visit(schema: Schema, path: string): void {
    if (path !== `${kind}.metadata`) out.push([path, schema]);
    for (const [key, child] of Object.entries(schema.properties ?? {})) visit(child, `${path}.${key}`);
    if (schema.items !== undefined) visit(schema.items, `${path}[]`);
    if (schema.additionalProperties !== undefined) visit(schema.additionalProperties, `${path}{}`);
  }
}

const all = KINDS.flatMap(nodes);
const ownFields = all.filter(([path]) => !/\.(apiVersion|kind)$/.test(path));

const paths = (bad: [string, Schema][]) => bad.map(([path]) => path);

/** What src/api checks, or what has no bearing on what is valid. */
const KNOWN = new Set([
  ...['type', 'format', 'nullable', 'enum', 'pattern', 'minimum', 'maximum', 'minLength', 'maxLength'],
  ...['properties', 'additionalProperties', 'required', 'maxProperties', 'items', 'minItems', 'maxItems'],
  ...['x-kubernetes-int-or-string', 'x-kubernetes-preserve-unknown-fields', 'x-kubernetes-validations'],
  ...['x-kubernetes-list-type', 'x-kubernetes-list-map-keys'],
  // Of int-or-string alone: it says the same again. Of a map: how two versions of it are merged.
  ...['anyOf', 'x-kubernetes-map-type', 'description', 'default'],
]);

describe('the CRDs', () => {
  test('describe every field in a sentence', () => {
    expect(paths(all.filter(([, { description }]) => !/^[A-Z].*\.$/s.test(description ?? '')))).toEqual([]);
  });

  test('bound every string', () => {
    const strings = ownFields.filter(([, schema]) => schema.type === 'string' || schema['x-kubernetes-int-or-string']);
    const free = strings.filter(([, schema]) => !schema.enum && !schema.format && schema.maxLength === undefined);
    expect(paths(free)).toEqual([]);
  });

  test('bound every list, and set its list type', () => {
    const lists = all.filter(([, { type }]) => type === 'array');
    expect(
      paths(lists.filter(([, schema]) => schema.maxItems === undefined || !schema['x-kubernetes-list-type'])),
    ).toEqual([]);
  });

  test('bound every map', () => {
    const maps = all.filter(([, schema]) => schema.additionalProperties !== undefined);
    expect(paths(maps.filter(([, schema]) => schema.maxProperties === undefined))).toEqual([]);
  });

  test('say nothing that the validation here does not know', () => {
    const words = new Set(all.flatMap(([, schema]) => Object.keys(schema)));
    expect([...words].filter((word) => !KNOWN.has(word))).toEqual([]);
  });

  test('give every integer a format, and have no floating-point field', () => {
    expect(paths(all.filter(([, { type, format }]) => type === 'integer' && format === undefined))).toEqual([]);
    expect(paths(all.filter(([, { type }]) => type === 'number'))).toEqual([]);
  });

  test('have a message for every rule', () => {
    const rules = all.flatMap(([path, schema]) =>
      (schema['x-kubernetes-validations'] ?? []).map((rule) => ({ path, rule })),
    );
    expect(rules.length).toBeGreaterThan(20);
    expect(rules.filter(({ rule }) => rule.message === undefined)).toEqual([]);
  });

  test.each(all.filter(([, schema]) => schema.default !== undefined).map(([path, schema]) => ({ path, schema })))(
    'have a valid default at $path',
    ({ schema }) => {
      const value = withDefaults(schema, schema.default as JsonValue);
      expect([...checkSchema(schema, value), ...checkRules(schema, value, [])]).toEqual([]);
    },
  );

  test.each([
    ['ScriptRuntime', 'scriptruntimes', ['srt']],
    ['ScriptExecution', 'scriptexecutions', ['sx']],
    ['ScriptSchedule', 'scriptschedules', ['sch']],
  ] as const)('define %s with plural and short names', (kind, plural, shortNames) => {
    const { metadata, spec } = loadCrd(kind);
    expect(metadata.name).toBe(`${plural}.copepod.dev`);
    expect(spec).toMatchObject({
      group: 'copepod.dev',
      scope: 'Namespaced',
      names: { kind, plural, shortNames, categories: ['copepod'] },
    });
    expect(spec.versions[0]).toMatchObject({ name: 'v1alpha1', subresources: { status: {} } });
  });

  test("have one spec of ScriptExecution, also as a schedule's template", () => {
    const { executionTemplate } = schemaOf('ScriptSchedule').properties?.spec?.properties ?? {};
    expect(executionTemplate?.properties?.spec).toEqual(schemaOf('ScriptExecution').properties?.spec);
  });

  test('default observedGeneration to less than the generation', () => {
    for (const kind of KINDS) expect(schemaOf(kind).properties?.status?.default).toEqual({ observedGeneration: -1 });
  });

  test.each(['spec.params', 'status.result'])('accept any JSON, null included, as %s', (path) => {
    const schema = new Map(all).get(`ScriptExecution.${path}`);
    expect(schema).toMatchObject({ nullable: true, 'x-kubernetes-preserve-unknown-fields': true });
    expect(schema).not.toHaveProperty('type');
  });
});

describe('generated files', () => {
  test('are up to date (npm run generate)', async () => {
    expect(await staleFiles()).toEqual([]);
  });

  test('are the template of ScriptSchedule, the types, the reference and parts of the chart', async () => {
    const files = [...(await generatedFiles()).keys()];
    expect(files.slice(0, 3)).toEqual([
      'crds/scriptschedules.copepod.dev.yaml',
      'src/api/types.generated.ts',
      'docs/api.md',
    ]);
    const chart = files.slice(3).filter((path) => path !== 'docs/chart-values.md');
    expect(chart.filter((path) => !path.startsWith('charts/copepod/'))).toEqual([]);
    for (const kind of ['scriptexecutions', 'scriptruntimes', 'scriptschedules']) {
      expect(chart).toContain(`charts/copepod/files/crds/${kind}.copepod.dev.yaml`);
    }
  });
});
