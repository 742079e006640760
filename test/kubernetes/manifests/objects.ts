import { Document } from 'yaml';
import { API_VERSION, KINDS, type Kind, type Schema, schemaOf } from '../../../src/api/crd.ts';
import type { Random } from '../../chaos/random.ts';

type Path = readonly (string | number)[];
type Value = unknown;

const LONG = 'x'.repeat(260);

const TIMES: readonly Value[] = [
  ...[null, '2026-11-22T10:00:00Z', '2026-11-22T10:00:00.123Z', '2026-11-22T10:00:00+01:00', '2026-11-22', '', 'x', 5],
  ...[
    '2026-13-22T10:00:00Z',
    '2026-02-30T10:00:00Z',
    '2026-11-22t10:00:00z',
    '2026-11-22T24:00:00Z',
    '2026-11-22 10:00:00Z',
  ],
  ...[
    '2026-11-22T10:00Z',
    '2026-11-22T10:00:60Z',
    '2026-11-22T10:00:00',
    '02026-11-22T10:00:00Z',
    '2026-11-22T10:00:00+25:00',
  ],
  ...['2026-11-22T1:00:00Z', '2026-11-22T10:00:00,5Z', '2024-02-29T10:00:00Z', '2026-02-29T10:00:00Z', {}],
];
const KEYS: readonly string[] = [
  ...[
    'a',
    'A',
    'a/b',
    'A.b/c',
    'a.B/c',
    '-a',
    'a-',
    'a_b',
    'a.b',
    'a b',
    '/a',
    'a/',
    'a/b/c',
    '',
    'é',
    '1',
    'a..b/c',
    'a_b/c',
  ],
  ...[
    'x'.repeat(63),
    'x'.repeat(64),
    `${'x'.repeat(63)}.y/z`,
    `${'x'.repeat(64)}.y/z`,
    `${LONG}/a`,
    '.a',
    'a./b',
    '-.a/b',
  ],
];
const TEXTS: readonly Value[] = [
  'b',
  '',
  '-b',
  'b-',
  'b c',
  'B_.-1',
  'é',
  'x'.repeat(63),
  'x'.repeat(64),
  5,
  true,
  null,
  {},
  [],
];
const OWNER = { apiVersion: 'v1', kind: 'ConfigMap', name: 'a', uid: 'u' };
const MANAGED = {
  manager: 'm',
  operation: 'Update',
  apiVersion: 'v1',
  time: '2026-11-22T10:00:00Z',
  fieldsType: 'FieldsV1',
};

/** Values of each field of `metadata`, right and wrong. */
const METADATA: Readonly<Record<string, readonly Value[]>> = {
  name: [
    'NAME-x',
    'NAME.x',
    'NAME_x',
    'NAMEX',
    '-NAME',
    'NAME-',
    'NAME..x',
    'NAME.-x',
    `NAME${LONG}`,
    'NAME é',
    5,
    null,
    '',
  ],
  generateName: ['NAME-', 'Bad_', '', LONG, 5, null, 'a..', 'a-'],
  namespace: ['default', '', 'Bad', 'a.b', 5, null, true],
  labels: [{}, [], 'x', null, ...KEYS.map((key) => ({ [key]: 'b' })), ...TEXTS.map((text) => ({ a: text }))],
  annotations: [
    {},
    [],
    'x',
    null,
    ...KEYS.map((key) => ({ [key]: 'b' })),
    ...TEXTS.map((text) => ({ a: text })),
    { 'UP.case/Key': '' },
  ],
  finalizers: [
    ...[
      [],
      null,
      'x',
      {},
      ['orphan'],
      ['foregroundDeletion'],
      ['orphan', 'foregroundDeletion'],
      [5],
      [null],
      ['a', 'a'],
    ],
    ...KEYS.map((key) => [key]),
  ],
  ownerReferences: [
    ...[
      [],
      null,
      {},
      'x',
      [null],
      [{}],
      [OWNER],
      [OWNER, OWNER],
      [{ ...OWNER, extra: 1 }],
      [{ ...OWNER, controller: 'true' }],
    ],
    ...[
      [{ ...OWNER, controller: true }],
      [
        { ...OWNER, controller: true },
        { ...OWNER, controller: true },
      ],
      [{ ...OWNER, controller: null }],
    ],
    ...[
      [{ ...OWNER, apiVersion: '' }],
      [{ ...OWNER, apiVersion: 'a/b/c' }],
      [{ ...OWNER, apiVersion: 'a/b' }],
      [{ ...OWNER, kind: '' }],
    ],
    ...[
      [{ ...OWNER, name: '' }],
      [{ ...OWNER, uid: '' }],
      [{ ...OWNER, uid: 5 }],
      [{ ...OWNER, kind: 'Event' }],
      [{ ...OWNER, name: null }],
    ],
    ...[
      [{ ...OWNER, apiVersion: 'events.k8s.io/v1', kind: 'Event' }],
      [{ ...OWNER, blockOwnerDeletion: 1 }],
      [[OWNER]],
      ['x'],
    ],
    ...[
      [{ ...OWNER, apiVersion: 'a/' }],
      [{ ...OWNER, apiVersion: '/v1' }],
      [{ ...OWNER, apiVersion: 5 }],
      [{ apiVersion: 'v1' }],
    ],
  ],
  creationTimestamp: TIMES,
  deletionTimestamp: TIMES,
  deletionGracePeriodSeconds: [0, 5, -1, 1.5, 'x', null, 1e19, true],
  generation: [0, 1, -1, 1.5, '1', null, 1e19, 2 ** 53],
  managedFields: [
    ...[
      [],
      null,
      {},
      'x',
      [{}],
      [null],
      [MANAGED],
      [{ ...MANAGED, operation: 'Apply' }],
      [{ ...MANAGED, operation: 'Delete' }],
    ],
    ...[
      [{ ...MANAGED, fieldsType: 'X' }],
      [{ ...MANAGED, fieldsV1: { 'f:spec': {} } }],
      [{ ...MANAGED, fieldsV1: 'x' }],
    ],
    ...[
      [{ ...MANAGED, manager: 'x'.repeat(129) }],
      [{ ...MANAGED, subresource: LONG }],
      [{ ...MANAGED, time: 'x' }],
      [{ ...MANAGED, extra: 1 }],
    ],
    ...[
      [{ ...MANAGED, fieldsV1: { spec: {} } }],
      [{ ...MANAGED, manager: 'a\u0007' }],
      [{ ...MANAGED, manager: '' }],
      [{ manager: 'm', operation: 'Update' }],
    ],
  ],
  selfLink: ['x', '', 5, null],
  uid: ['u', '', 5, null],
  clusterName: ['x', null],
  Labels: [{ a: 'b' }],
};

const CONFIG_MAP: Readonly<Record<string, readonly Value[]>> = {
  data: [
    ...[{}, [], 'x', null, 5, { a: 5 }, { a: true }, { a: null }, { a: {} }, { a: '' }, { a: 'x'.repeat(2 ** 20 + 1) }],
    ...['.', '..', '..a', '.a', 'a..b', 'a b', 'a/b', '', 'é', 'A_b-c.d', LONG, '...'].map((key) => ({ [key]: 'x' })),
  ],
  binaryData: [
    ...[
      {},
      [],
      'x',
      null,
      { a: 'aGVsbG8=' },
      { b: 'aGVsbG8=' },
      { b: 'aGVsbG8' },
      { b: '?' },
      { b: '' },
      { b: 5 },
      { b: null },
      { b: 'aGVs\nbG8=' },
    ],
    ...[{ '..b': '' }, { b: 'aGVs bG8=' }, { b: 'aGVsbG9=' }, { b: '_-8=' }],
  ],
  immutable: [true, false, null, 'true', 1, {}],
  extra: [1, null],
  spec: [{}, null],
};

const SECRET: Readonly<Record<string, readonly Value[]>> = {
  data: [{}, [], 'x', null, { a: 'aGk=' }, { a: '?' }, { a: 5 }, { a: null }, { '..': 'aGk=' }, { username: null }],
  stringData: [{ a: 'b' }, { a: 5 }, { a: null }, { password: '' }, { 'a b': 'c' }, 'x', []],
  type: [
    ...['', 'x', 5, null, 'Opaque', 'kubernetes.io/basic-auth', 'kubernetes.io/service-account-token'],
    ...['kubernetes.io/tls', 'kubernetes.io/ssh-auth', 'kubernetes.io/dockercfg', 'kubernetes.io/dockerconfigjson'],
  ],
  immutable: [true, false, null, 'true', 1],
  spec: [{}, null],
};
/** Data of Secrets whose types ask for it, right and wrong. */
const TYPED_SECRETS: readonly (readonly [type: string, stringData: Record<string, string>])[] = [
  ...['', 'a'].map((text) => ['kubernetes.io/ssh-auth', { 'ssh-privatekey': text }] as const),
  ...['', '{}', '[]', 'null', '5', 'x'].flatMap((text) => [
    ['kubernetes.io/dockercfg', { '.dockercfg': text }] as const,
    ['kubernetes.io/dockerconfigjson', { '.dockerconfigjson': text }] as const,
  ]),
  ...[{ username: 'a' }, { password: '' }, { user: 'a' }].map(
    (data) => ['kubernetes.io/basic-auth', data as Record<string, string>] as const,
  ),
  ...[{ 'tls.crt': 'a' }, { 'tls.crt': 'a', 'tls.key': '' }].map(
    (data) => ['kubernetes.io/tls', data as Record<string, string>] as const,
  ),
];

/** What stands in the metadata of a list. */
const LIST_METADATA: readonly Value[] = [
  ...['x', 5, [], {}, null, { name: 'a' }, { resourceVersion: '' }, { resourceVersion: 5 }, { continue: 'a' }],
  ...[{ remainingItemCount: 5 }, { remainingItemCount: '5' }, { selfLink: 5 }, { labels: { a: 'b' } }, { labels: 5 }],
  ...[{ foo: 1 }, { creationTimestamp: 'x' }, { creationTimestamp: null }, { finalizers: 5 }, { generation: 'x' }],
];

/** The least that a spec holds. */
const MINIMAL: Readonly<Record<Kind, Record<string, Value>>> = {
  ScriptRuntime: {},
  ScriptExecution: { source: '1' },
  ScriptSchedule: { schedule: '0 6 * * *', executionTemplate: { spec: { source: '1' } } },
  ScriptEndpoint: { source: '1' },
};

const BASES: Readonly<
  Record<string, { readonly object: Record<string, Value>; readonly fields: readonly [Path, readonly Value[]][] }>
> = Object.fromEntries([
  ...KINDS.map((kind) => {
    const spec = MINIMAL[kind];
    const object = { apiVersion: API_VERSION, kind, metadata: { name: 'NAME' }, spec };
    return [kind, { object, fields: schemaFields(schemaOf(kind).properties?.spec ?? {}, ['spec']) }] as const;
  }),
  [
    'ConfigMap',
    {
      object: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'NAME' }, data: { a: 'x' } },
      fields: Object.entries(CONFIG_MAP).map(([field, values]) => [[field], values] as [Path, readonly Value[]]),
    },
  ] as const,
  [
    'Secret',
    {
      object: { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'NAME' } },
      fields: Object.entries(SECRET).map(([field, values]) => [[field], values] as [Path, readonly Value[]]),
    },
  ] as const,
]);

/** Every field below a schema with values for it: right ones, and wrong ones of each sort that the schema knows. */
function schemaFields(schema: Schema, path: Path): [Path, readonly Value[]][] {
  const fields: [Path, readonly Value[]][] = [[path, valuesFor(schema)]];
  for (const [name, member] of Object.entries(schema.properties ?? {}))
    fields.push(...schemaFields(member, [...path, name]));
  if (schema.additionalProperties !== undefined) {
    const { additionalProperties } = schema;
    fields.push([path, KEYS.map((key) => ({ [key]: 'b' }))]);
    for (const name of ['a', 'cpu', 'example.com/x'])
      fields.push(...schemaFields(additionalProperties, [...path, name]));
  }
  if (schema.items !== undefined) fields.push(...schemaFields(schema.items, [...path, 0]));
  return fields;
}

function valuesFor(schema: Schema): Value[] {
  const values: Value[] = [
    null,
    true,
    0,
    1,
    -1,
    1.5,
    1e10,
    1e19,
    '',
    'x',
    '5',
    'true',
    [],
    {},
    [{}],
    { extra: 1 },
    { extra: null },
  ];
  const { minimum, maximum, minLength, maxLength, maxItems, maxProperties } = schema;
  for (const bound of [minimum, maximum])
    if (bound !== undefined) values.push(bound - 1, bound, bound + 1, String(bound));
  for (const bound of [minLength, maxLength]) {
    if (bound !== undefined)
      values.push('a'.repeat(Math.max(0, bound - 1)), 'a'.repeat(bound), 'a'.repeat(bound + 1), '😀'.repeat(bound));
  }
  if (maxItems !== undefined) values.push(Array(maxItems).fill('a'), Array(maxItems + 1).fill('a'));
  if (maxProperties !== undefined) {
    values.push(Object.fromEntries(Array.from({ length: maxProperties + 1 }, (_, index) => [`k${index}`, 'a'])));
  }
  if (schema.items !== undefined) {
    const [entry = 'a.example'] = schema.items.enum ?? [];
    values.push([entry], [entry, entry]);
  }
  values.push(...(schema.enum ?? []), ...(schema.enum ?? []).map((each) => String(each).toUpperCase()));
  if (schema.pattern?.includes('(h|m|s|ms)')) {
    values.push(
      '1s',
      '0s',
      '1ms',
      '1h',
      '1h1ms',
      '1m30s',
      '99999h',
      '100000h',
      '1s1s1s1s1s',
      '1 s',
      '1S',
      '-1s',
      '1.5s',
      '6s',
      '30s',
      '1d',
    );
  }
  if (schema['x-kubernetes-int-or-string'] === true) {
    values.push(
      '8Mi',
      '4Gi',
      '1Ki',
      '256Ki',
      '1e3',
      '1E',
      '0.5',
      '.5',
      '5.',
      '+5',
      '-5',
      '1e-3',
      '1e+3',
      '1Zi',
      '1kb',
      64 * 2 ** 20,
      '1e',
      '1m',
    );
    values.push(
      '1n',
      '9223372036854775808',
      '1e30',
      9007199254740992,
      '٣',
      '5 ',
      '1e99999',
      '0x10',
      '1_000',
      '4.1Gi',
      '7.9Mi',
      '1.5Gi',
    );
  }
  if (schema.format === 'date-time') values.push(...TIMES);
  return values;
}

/**
 * Manifests of every kind with some fields set to what they may and may not be, as YAML in blocks, in braces, and as
 * JSON.
 */
export function objectTexts(random: Random, count: number): string[] {
  const kinds = Object.keys(BASES);
  return Array.from({ length: count }, () => {
    const { object, fields } = BASES[random.pick(kinds) as string] as (typeof BASES)[string];
    const value = structuredClone(object);
    for (let left = random.chance(0.7) ? 1 : 2; left > 0; left--) {
      const [path, values] = random.chance(0.45)
        ? metadataField(random)
        : (random.pick(fields) as (typeof fields)[number]);
      setAt(value, path, structuredClone(random.pick(values)));
    }
    const text = written(random.chance(0.15) ? listOf(value, random) : value, random);
    return text.length < 200_000 || text.length > 2 ** 20 ? text : written(object, random);
  });
}

/** Lists with each metadata and an unknown field, of any kind and of one; Secrets of each type. */
export function listAndSecretTexts(): string[] {
  const { object } = BASES.ScriptRuntime as (typeof BASES)[string];
  const lists = [
    { apiVersion: 'v1', kind: 'List' },
    { apiVersion: API_VERSION, kind: 'ScriptRuntimeList' },
  ].flatMap((list) => [
    ...LIST_METADATA.map((metadata) => ({ ...list, metadata, items: [object] })),
    { ...list, extra: 1, items: [object] },
  ]);
  const secrets = TYPED_SECRETS.map(([type, stringData]) => ({ ...BASES.Secret?.object, type, stringData }));
  return [...lists, ...secrets].map((value) => JSON.stringify(value));
}

/** Every value of every field of metadata, in an object of this kind. */
export function metadataTexts(kind: string): string[] {
  return Object.entries(METADATA).flatMap(([field, values]) =>
    values.map((value) => textWith(kind, ['metadata', field], value)),
  );
}

/** Every value of every other field of this kind. */
export function fieldTexts(kind: string): string[] {
  const texts = (BASES[kind]?.fields ?? []).flatMap(([path, values]) =>
    values.map((value) => textWith(kind, path, value)),
  );
  // kubectl keeps a copy of an object in an annotation, unless told --server-side, and that must not be longer.
  return texts.filter(({ length }) => length < 200_000 || length > 2 ** 20);
}

function textWith(kind: string, path: Path, value: Value): string {
  const object = structuredClone(BASES[kind]?.object ?? {});
  setAt(object, path, value);
  return JSON.stringify(object);
}

function metadataField(random: Random): [Path, readonly Value[]] {
  const [field, values] = random.pick(Object.entries(METADATA)) as [string, readonly Value[]];
  return [['metadata', field], values];
}

/** An object in a list: of its kind, of any, or of another. */
function listOf(value: Record<string, Value>, random: Random): Record<string, Value> {
  const { apiVersion, kind, ...rest } = value;
  const list = random.pick([
    { apiVersion: 'v1', kind: 'List' },
    { apiVersion, kind: `${kind}List` },
    { apiVersion, kind: 'List' },
    { apiVersion: API_VERSION, kind: 'ScriptRuntimeList' },
    { apiVersion: 'v1', kind: 'ConfigMapList' },
    { apiVersion: 'v1', kind: 'FooList' },
    { apiVersion: 'v2', kind: 'List' },
    { kind: 'List' },
    { apiVersion: 'v1' },
  ]) as Record<string, Value>;
  const items = random.pick<Value>([
    [value],
    [value],
    [rest],
    [{ kind, ...rest }],
    [{ apiVersion: 'v1', kind: 'List', items: [value] }],
    [],
    null,
    {},
    [null],
    [5],
    value,
  ]);
  return { ...list, ...(random.chance(0.3) ? { metadata: { resourceVersion: '' } } : {}), items };
}

function setAt(root: Record<string, Value>, path: Path, value: Value): void {
  let at: Record<string | number, Value> = root;
  for (const [index, part] of path.slice(0, -1).entries()) {
    const known = at[part];
    if (known === null || typeof known !== 'object') at[part] = typeof path[index + 1] === 'number' ? [] : {};
    at = at[part] as Record<string | number, Value>;
  }
  at[path.at(-1) ?? ''] = value;
}

function written(value: Value, random: Random): string {
  const style = random.pick(['block', 'flow', 'json', 'json lines']);
  if (style === 'json') return JSON.stringify(value);
  if (style === 'json lines') return `${JSON.stringify(value, null, 2)}\n`;
  const document = new Document(value, { aliasDuplicateObjects: false, compat: 'yaml-1.1' });
  if (style === 'flow' && document.contents !== null) (document.contents as { flow?: boolean }).flow = true;
  return document.toString({ lineWidth: 0 });
}
