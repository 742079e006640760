import { describe, expect, test } from '@jest/globals';
import { loadManifests } from '../../../src/api/manifest.ts';

/** The problems as a user reads them, one line each. */
function read(text: string): string[] {
  const { problems } = loadManifests([{ file: 'a.yaml', text }]);
  return problems.map(({ document, line, column, path, message, hint }) => {
    const where = `${document}/${line}:${column}`;
    return `${where} ${path}: ${message}${hint === undefined ? '' : `; ${hint}`}`;
  });
}

const header = (kind: string) => `apiVersion: copepod.dev/v1alpha1\nkind: ${kind}\nmetadata: {name: a}\n`;

/** Lines 1 to 3 are the header, line 4 is `spec:`. */
const execution = (spec: string) => `${header('ScriptExecution')}spec:\n${spec.replace(/^/gm, '  ')}\n`;
const runtime = (spec: string) => `${header('ScriptRuntime')}spec:\n${spec.replace(/^/gm, '  ')}\n`;

const NAME_HINT = "use lower-case letters, digits, '-' and '.', with a letter or digit at both ends";

describe('names that every object of JavaScript has', () => {
  test.each(['constructor', 'toString', '__proto__', 'hasOwnProperty'])('%s is an unknown field', (name) => {
    const [problem] = read(`${header('ScriptExecution')}${name}: 1\nspec: {source: "1"}\n`);
    expect(problem).toBe(`1/4:1 ${name}: unknown field; the object can have: apiVersion, kind, metadata, spec, status`);
  });
});

describe('problems of an execution', () => {
  test.each<[string, string[]]>([
    ['source: { toString: 1, valueOf: 1 }', ['1/5:3 spec.source: must be a string, not an object']],
    ['sorce: "1"', ['1/5:3 spec.sorce: unknown field; did you mean spec.source?']],
    ['source: "1"\ntimeout: 2s', ['1/6:3 spec.timeout: unknown field; did you mean spec.limits.timeout?']],
    [
      'source: "1"\npermissions: [a]',
      ['1/6:3 spec.permissions: unknown field; did you mean spec.context.user.permissions?'],
    ],
    [
      'source: "1"\nenv: [{name: A}, {name: 1a, value: x}, {name: B, value: x}, {name: B, value: z}]',
      [
        '1/6:9 spec.env[0].value: is required',
        `1/6:21 spec.env[1].name: "1a" is not a name of a variable; use letters, digits, '_', '-' and '.', with no digit in front`,
        '1/6:63 spec.env[3]: has the same name as an entry before',
      ],
    ],
    [
      'source: "1"\ncontext: {execution: {id: x}}',
      ["1/6:25 spec.context.execution.id: unknown field; leave it out: the id is always the object's uid"],
    ],
    [
      'source: "1"\nruntimeRef: {nmae: x}',
      ['1/6:16 spec.runtimeRef.nmae: unknown field; did you mean spec.runtimeRef.name?'],
    ],
    [
      'source: "1"\nruntimeRef: {kind: x}',
      ['1/6:16 spec.runtimeRef.kind: unknown field; spec.runtimeRef can have: name'],
    ],
    ['{}', ['1/4:1 spec: exactly one of source and sourceFrom must be set']],
    [
      'source: "1"\nsourceFrom: {configMapKeyRef: {name: a, key: b}}',
      ['1/4:1 spec: exactly one of source and sourceFrom must be set'],
    ],
    ['source: ""', ['1/5:3 spec.source: must not be empty']],
    ['source: 5', ['1/5:3 spec.source: must be a string, not the number 5; write it in quotes: "5"']],
    ['source: [1]', ['1/5:3 spec.source: must be a string, not a list']],
    ['source:', ['1/4:1 spec: exactly one of source and sourceFrom must be set']],
    [`source: "${'é'.repeat(131_073)}"`, ['1/5:3 spec.source: must have at most 262144 bytes of UTF-8']],
    [`source: "${'x'.repeat(262_145)}"`, ['1/5:3 spec.source: must have at most 262144 characters, not 262145']],
    ['sourceFrom: {}', ['1/5:3 spec.sourceFrom: exactly one of configMapKeyRef and configMapRef must be set']],
    [
      'sourceFrom: {configMapKeyRef: {name: a, key: b}, configMapRef: {name: a, main: b}}',
      ['1/5:3 spec.sourceFrom: exactly one of configMapKeyRef and configMapRef must be set'],
    ],
    ['sourceFrom: {configMapRef: {name: a}}', ['1/5:16 spec.sourceFrom.configMapRef.main: is required']],
    ['sourceFrom: {configMapKeyRef: {name: a}}', ['1/5:16 spec.sourceFrom.configMapKeyRef.key: is required']],
    [
      'sourceFrom: {configMapKeyRef: {name: a, key: a/b}}',
      [
        `1/5:43 spec.sourceFrom.configMapKeyRef.key: "a/b" is not a key of a ConfigMap or Secret; use letters, digits, '-', '_' and '.'`,
      ],
    ],
    [
      'source: "1"\nlanguage: javascript',
      ['1/6:3 spec.language: must be one of JavaScript, TypeScript, not "javascript"; did you mean JavaScript?'],
    ],
    ['source: "1"\nlanguage: Python', ['1/6:3 spec.language: must be one of JavaScript, TypeScript, not "Python"']],
    ['source: "1"\nruntimeRef: default', ['1/6:3 spec.runtimeRef: must be an object, not a string; it can have: name']],
    [
      'source: "1"\nruntimeRef: {name: My_Runtime}',
      [`1/6:16 spec.runtimeRef.name: "My_Runtime" is not a name in Kubernetes; ${NAME_HINT}`],
    ],
    [
      'source: "1"\nlimits: {timeout: 5}',
      ['1/6:12 spec.limits.timeout: must be a string, not the number 5; write it with its unit: 5s'],
    ],
    [
      'source: "1"\nlimits: {timeout: 2 seconds}',
      ['1/6:12 spec.limits.timeout: "2 seconds" is not a duration; write one like 250ms, 30s or 1h30m'],
    ],
    [
      'source: "1"\nlimits: {timeout: 0s}',
      ['1/6:12 spec.limits.timeout: must be a duration between 1ms and 1h, not "0s"'],
    ],
    [
      'source: "1"\nlimits: {cpuTime: 2h}',
      ['1/6:12 spec.limits.cpuTime: must be a duration between 1ms and 1h, not "2h"'],
    ],
    [
      'source: "1"\nlimits: {memory: 64MB}',
      ['1/6:12 spec.limits.memory: "64MB" is not a quantity; write one like 64Mi, 32Ki or 1000000'],
    ],
    [
      'source: "1"\nlimits: {memory: 4Mi}',
      ['1/6:12 spec.limits.memory: must be a quantity between 8Mi and 4Gi, not "4Mi"'],
    ],
    [
      'source: "1"\nlimits: {memory: 64}',
      ['1/6:12 spec.limits.memory: must be a quantity between 8Mi and 4Gi, not 64'],
    ],
    [
      'source: "1"\nlimits: {memory: 1.5}',
      ['1/6:12 spec.limits.memory: must be a string or a whole number of 64 bits, not the number 1.5'],
    ],
    [
      'source: "1"\nlimits: {result: 1Mi}',
      ['1/6:12 spec.limits.result: must be a quantity between 1 and 256Ki, not "1Mi"'],
    ],
    ['source: "1"\nlimits: {apiCalls: -1}', ['1/6:12 spec.limits.apiCalls: must be at least 0, not -1']],
    [
      'source: "1"\nlimits: {apiCalls: "5"}',
      ['1/6:12 spec.limits.apiCalls: must be a whole number, not the string "5"; write it without quotes: 5'],
    ],
    [
      'source: "1"\nlimits: {apiCalls: 1.5}',
      ['1/6:12 spec.limits.apiCalls: must be a whole number, not the number 1.5'],
    ],
    [
      'source: "1"\ncontext: {user: {permissions: read}}',
      ["1/6:20 spec.context.user.permissions: must be a list, not a string; begin each entry with '- '"],
    ],
    [
      'source: "1"\ncontext: {user: {permissions: [read, 5]}}',
      ['1/6:40 spec.context.user.permissions[1]: must be a string, not the number 5; write it in quotes: "5"'],
    ],
    [
      'source: "1"\ncontext: {execution: {type: oneoff}}',
      [
        '1/6:25 spec.context.execution.type: must be one of cron, http, one_off, embedded, not "oneoff"; did you mean one_off?',
      ],
    ],
    ['source: "1"\ncontext: {tenant: {id: ""}}', ['1/6:22 spec.context.tenant.id: must not be empty']],
    [
      'source: "1"\nsuspend: "true"',
      ['1/6:3 spec.suspend: must be true or false, not the string "true"; write it without quotes: true'],
    ],
    ['source: "1"\ncancel: 1', ['1/6:3 spec.cancel: must be true or false, not the number 1; write true or false']],
    ['source: "1"\nbackoffLimit: 101', ['1/6:3 spec.backoffLimit: must be at most 100, not 101']],
    ['source: "1"\nstartingDeadlineSeconds: 0', ['1/6:3 spec.startingDeadlineSeconds: must be at least 1, not 0']],
    [
      'source: "1"\nrerunToken: 2026',
      ['1/6:3 spec.rerunToken: must be a string, not the number 2026; write it in quotes: "2026"'],
    ],
    [
      `source: "1"\nrerunToken: ${'x'.repeat(254)}`,
      ['1/6:3 spec.rerunToken: must have at most 253 characters, not 254'],
    ],
    [
      'sourceFrom: 5\nlimits: {timeout: 1d, memory: 1Ki}\nsuspend: maybe\nlevel: 1',
      [
        '1/5:3 spec.sourceFrom: must be an object, not a number; it can have: configMapKeyRef, configMapRef',
        '1/6:12 spec.limits.timeout: "1d" is not a duration; write one like 250ms, 30s or 1h30m',
        '1/6:25 spec.limits.memory: must be a quantity between 8Mi and 4Gi, not "1Ki"',
        '1/7:3 spec.suspend: must be true or false, not the string "maybe"; write true or false',
        '1/8:3 spec.level: unknown field; spec can have: runtimeRef, language, source, sourceFrom, params, env, context, limits, backoffLimit, priority, suspend, cancel, startingDeadlineSeconds, ttlSecondsAfterFinished, rerunToken',
      ],
    ],
  ])('%.60s', (spec, expected) => {
    expect(read(execution(spec))).toEqual(expected);
  });
});

describe('problems of a runtime', () => {
  test.each<[string, string[]]>([
    [
      'replicas: 2\nautoscaling: {maxReplicas: 5}',
      ['1/5:3 spec.replicas: replicas and autoscaling must not both be set'],
    ],
    ['autoscaling: {}', ['1/5:3 spec.autoscaling.maxReplicas: is required']],
    [
      'autoscaling: {minReplicas: 5, maxReplicas: 2}',
      ['1/5:17 spec.autoscaling.minReplicas: minReplicas must not be above maxReplicas'],
    ],
    [
      'autoscaling: {maxReplicas: 2, stableWindow: 1s}',
      ['1/5:33 spec.autoscaling.stableWindow: must be a duration between 6s and 1h, not "1s"'],
    ],
    ['pool: {size: 0}', ['1/5:10 spec.pool.size: must be at least 1, not 0']],
    [
      'pool: {tenantIsolation: None}',
      ['1/5:10 spec.pool.tenantIsolation: must be one of Process, Isolate, Execution, not "None"'],
    ],
    ['pool: {maxAge: 200h}', ['1/5:10 spec.pool.maxAge: must be a duration between 1s and 168h, not "200h"']],
    [
      'image: "a b"',
      ['1/5:3 spec.image: "a b" has spaces or odd characters; write an image like ghcr.io/example/copepod:1'],
    ],
    ['tenants: [a, ""]', ['1/5:16 spec.tenants[1]: must not be empty']],
    [
      'template: {metadata: {labels: {copepod.dev/x: a}}}',
      [
        '1/5:25 spec.template.metadata.labels: labels that start with copepod.dev/ or app.kubernetes.io/ belong to the operator',
      ],
    ],
    [
      'template: {tolerations: [{effect: NoExecute}]}',
      ['1/5:28 spec.template.tolerations[0].operator: operator must be Exists where key is empty'],
    ],
    [
      'template: {resources: {requests: {memory: 2Gi}, limits: {memory: 1Gi}}}',
      ['1/5:26 spec.template.resources.requests: requests must not be above limits'],
    ],
    [
      'template: {securityContext: {}}',
      [
        '1/5:14 spec.template.securityContext: unknown field; spec.template can have: metadata, resources, nodeSelector, tolerations, affinity, topologySpreadConstraints, runtimeClassName, priorityClassName, imagePullSecrets',
      ],
    ],
    [
      'template: {affinity: {nodeAfinity: {}}}',
      ['1/5:25 spec.template.affinity.nodeAfinity: unknown field; did you mean spec.template.affinity.nodeAffinity?'],
    ],
  ])('%.70s', (spec, expected) => {
    expect(read(runtime(spec))).toEqual(expected);
  });
});

describe('problems of an endpoint', () => {
  test.each<[string, string[]]>([
    ['source: "1"\nhostnames: []', ['1/6:3 spec.hostnames: must not be empty']],
    ['source: "1"\nmethods: []', ['1/6:3 spec.methods: must not be empty']],
    ['source: "1"\nhostnames: [a.example, a.example]', ['1/6:26 spec.hostnames[1]: is there twice']],
    [
      'source: "1"\nmethods: [GET, POST, GET, GET]',
      ['1/6:24 spec.methods[2]: is there twice', '1/6:29 spec.methods[3]: is there twice'],
    ],
  ])('%j', (spec, expected) => {
    expect(read(`${header('ScriptEndpoint')}spec:\n${spec.replace(/^/gm, '  ')}\n`)).toEqual(expected);
  });
});

describe('what does not match a pattern', () => {
  test.each<[string, string, string]>([
    ['ScriptEndpoint', 'source: "1"\nmethods: [get]', '"get" is not a method; write one in upper case, like GET'],
    [
      'ScriptEndpoint',
      'source: "1"\nhostnames: [A.example]',
      '"A.example" is not a host name; write one like shop.example.com',
    ],
    [
      'ScriptEndpoint',
      'source: "1"\nhostnames: ["https://a.example"]',
      '"https://a.example" is not a host name; write one like shop.example.com',
    ],
    [
      'ScriptEndpoint',
      'source: "1"\nhostnames: [a.example]\npath: /a/',
      '"/a/" is not a path; write one like /orders, without a slash at its end',
    ],
    [
      'ScriptRuntime',
      'egress: [{hosts: ["https://a.example"]}]',
      '"https://a.example" is not a host; write api.example.com, "*.example.com", an address, or a range like 10.0.0.0/8, without a scheme and a port',
    ],
    [
      'ScriptRuntime',
      'egress: [{hosts: [a.example], methods: [get]}]',
      '"get" is not a method; write one in upper case, like GET',
    ],
    ['ScriptRuntime', 'egress: [{hosts: [a.example], paths: [v1]}]', '"v1" is not a path; write one like /v1/*'],
  ])('%s: %s', (kind, spec, expected) => {
    const [problem] = read(`${header(kind)}spec:\n${spec.replace(/^/gm, '  ')}\n`);
    expect(problem?.replace(/^\S+ \S+: /, '')).toBe(expected);
  });
});

describe('problems of a list', () => {
  test.each<[string, string[]]>([
    ['metadata: x', ['1/3:1 metadata: must be an object, not a string']],
    [
      'metadata: {resourceVersion: 5}',
      ['1/3:12 metadata.resourceVersion: must be a string, not the number 5; write it in quotes: "5"'],
    ],
    [
      'metadata: {creationTimestamp: x}',
      ['1/3:12 metadata.creationTimestamp: "x" is not a time; leave it out, or write one like 2026-11-22T10:00:00Z'],
    ],
    ['metadata: {labels: {a: b}, foo: 1}\nextra: 1', []],
  ])('%s', (line, expected) => {
    const found = read(`apiVersion: v1\nkind: List\n${line}\nitems: []\n`);
    expect(found.filter((problem) => !problem.includes('holds no objects'))).toEqual(expected);
  });
});

describe('problems of a list of one kind', () => {
  test.each<[string, string[]]>([
    ['metadata: {resourceVersion: "5", continue: x, remainingItemCount: 5}', []],
    [
      'metadata: {name: a}',
      [
        '1/3:12 metadata.name: unknown field; metadata can have: selfLink, resourceVersion, continue, remainingItemCount',
      ],
    ],
    [
      'metadata: {remainingItemCount: "5"}',
      ['1/3:12 metadata.remainingItemCount: must be a whole number, not the string "5"; write it without quotes: 5'],
    ],
    ['extra: 1', ['1/3:1 extra: unknown field; the object can have: apiVersion, kind, metadata, items']],
  ])('%s', (line, expected) => {
    const found = read(`apiVersion: copepod.dev/v1alpha1\nkind: ScriptExecutionList\n${line}\nitems: []\n`);
    expect(found.filter((problem) => !problem.includes('holds no objects'))).toEqual(expected);
  });
});

describe('problems of a Secret', () => {
  test.each<[string, string[]]>([
    [
      'type: kubernetes.io/basic-auth',
      [
        '1/1:1 data.username: is required in a Secret of type kubernetes.io/basic-auth; write a username, a password, or both',
      ],
    ],
    ['type: kubernetes.io/basic-auth\nstringData: {password: x}', []],
    [
      'type: kubernetes.io/ssh-auth\nstringData: {ssh-privatekey: ""}',
      ['1/1:1 data[ssh-privatekey]: is required in a Secret of type kubernetes.io/ssh-auth'],
    ],
    [
      'type: kubernetes.io/dockercfg\nstringData: {.dockercfg: "[]"}',
      ['1/1:1 data[.dockercfg]: must be an object of JSON'],
    ],
    ['type: kubernetes.io/dockerconfigjson\ndata: {.dockerconfigjson: e30=}', []],
    [
      'type: kubernetes.io/service-account-token',
      [
        '1/3:1 metadata.annotations[kubernetes.io/service-account.name]: is required in a Secret of type kubernetes.io/service-account-token',
      ],
    ],
  ])('%s', (lines, expected) => {
    expect(read(`apiVersion: v1\nkind: Secret\nmetadata: {name: a}\n${lines}\n`)).toEqual(expected);
  });
});

describe('problems of any object', () => {
  const rest = 'spec: {source: "1"}\n';
  const our = 'apiVersion: copepod.dev/v1alpha1\nkind: ScriptExecution\n';

  test.each<[string, string[]]>([
    [
      'hello\n',
      ['1/1:1 : must be a Kubernetes object, not a string; a script is a file of its own: .js, .mjs, .ts or .mts'],
    ],
    ['- a\n', ['1/1:1 : must be a Kubernetes object, not a list']],
    [`kind: ScriptExecution\n${rest}`, ['1/1:1 apiVersion: is required; write apiVersion: copepod.dev/v1alpha1']],
    [`apiVersion: copepod.dev/v1alpha1\n${rest}`, ['1/1:1 kind: is required; write kind: ScriptExecution']],
    [
      'apiVersion: copepod.dev/v1alpha1\nkind: ScriptExecutoin\n',
      ['1/2:1 kind: copepod.dev has no kind ScriptExecutoin; did you mean ScriptExecution?'],
    ],
    [
      'apiVersion: copepod.dev/v1alpha1\nkind: Job\n',
      [
        '1/2:1 kind: copepod.dev has no kind Job; write one of: ScriptRuntime, ScriptExecution, ScriptSchedule, ScriptEndpoint',
      ],
    ],
    [
      `apiVersion: copepod.dev/v1\nkind: ScriptExecution\nmetadata: {name: a}\n${rest}`,
      [
        '1/1:1 apiVersion: must be copepod.dev/v1alpha1, not the string "copepod.dev/v1"; write apiVersion: copepod.dev/v1alpha1',
      ],
    ],
    [
      'apiVersion: batch/v1\nkind: ScriptExecution\n',
      ['1/1:1 apiVersion: batch/v1 has no kind ScriptExecution; write apiVersion: copepod.dev/v1alpha1'],
    ],
    ['apiVersion: v2\nkind: ConfigMap\n', ['1/1:1 apiVersion: v2 has no kind ConfigMap; write apiVersion: v1']],
    [`${our}${rest}`, ['1/1:1 metadata.name: is required; give the object a name']],
    [`${our}metadata: {}\n${rest}`, ['1/3:1 metadata.name: is required; give the object a name']],
    [
      `${our}metadata: {name: Hello World}\n${rest}`,
      ['1/3:12 metadata.name: "Hello World" is not a name in Kubernetes; write hello-world'],
    ],
    [`${our}metadata: {name: ___}\n${rest}`, [`1/3:12 metadata.name: "___" is not a name in Kubernetes; ${NAME_HINT}`]],
    [
      `${our}metadata: {name: 5}\n${rest}`,
      ['1/3:12 metadata.name: must be a string, not the number 5; write it in quotes: "5"'],
    ],
    [
      `${our}metadata: {name: ${'a'.repeat(254)}}\n${rest}`,
      ['1/3:12 metadata.name: must have at most 253 characters, not 254'],
    ],
    [
      `${our}metadata: {generateName: a-}\n${rest}`,
      [
        '1/3:12 metadata.generateName: does not go with apply; write metadata.name: what is applied needs a name that stays',
      ],
    ],
    [
      `${our}metadata: {name: a, namespace: a.b}\n${rest}`,
      [
        '1/3:21 metadata.namespace: "a.b" is not the name of a namespace; use at most 63 lower-case letters, digits and \'-\', with a letter or digit at both ends',
      ],
    ],
    [
      `${our}metadata: {name: a, label: {}}\n${rest}`,
      ['1/3:21 metadata.label: unknown field; did you mean metadata.labels?'],
    ],
    [
      `${our}metadata: {name: a, labels: {b: true}}\n${rest}`,
      ['1/3:30 metadata.labels.b: must be a string, not true; write it in quotes: "true"'],
    ],
    [
      `${our}metadata: {name: a, labels: {a b: c}}\n${rest}`,
      ['1/3:30 metadata.labels[a b]: "a b" is not a key; write one like app or example.com/app'],
    ],
    [
      `${our}metadata: {name: a, labels: {b: "c d"}}\n${rest}`,
      [
        "1/3:30 metadata.labels.b: \"c d\" is not a label value; use at most 63 letters, digits, '-', '_' and '.', with a letter or digit at both ends",
      ],
    ],
    [`${our}metadata: {name: a}\n`, ['1/1:1 spec: is required']],
    [`${our}metadata: {name: a}\nspecs: {}\n${rest}`, ['1/4:1 specs: unknown field; did you mean spec?']],
    [
      `${our}metadata: {name: a}\nstatus: {runn: 1}\n${rest}`,
      ['1/4:10 status.runn: unknown field; did you mean status.run?'],
    ],
    [
      `apiVersion: copepod.dev/v1alpha1\nkind: ScriptRuntime\nmetadata: {name: ${'a'.repeat(64)}}\n`,
      ['1/3:12 metadata.name: must have at most 63 characters, not 64'],
    ],
    [
      'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {a: 5}\n',
      ['1/4:8 data.a: must be a string, not the number 5; write it in quotes: "5"'],
    ],
    [
      'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\nspec: {}\n',
      ['1/4:1 spec: unknown field; the object can have: apiVersion, kind, metadata, data, binaryData, immutable'],
    ],
    [
      'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {"a/b": x}\n',
      ["1/4:8 data[a/b]: \"a/b\" is not a key of a ConfigMap; use letters, digits, '-', '_' and '.'"],
    ],
    [
      `${our}metadata: {name: a, labels: {b: yes, c: 1.10, d: 0755}}\n${rest}`,
      [
        '1/3:30 metadata.labels.b: must be a string, not true; write it in quotes: "yes"',
        '1/3:38 metadata.labels.c: must be a string, not the number 1.1; write it in quotes: "1.10"',
        '1/3:47 metadata.labels.d: must be a string, not the number 493; write it in quotes: "0755"',
      ],
    ],
    [
      `${our}metadata: {name: a, labels: {Example.com/x: b}}\n${rest}`,
      ['1/3:30 metadata.labels[Example.com/x]: "Example.com/x" is not a key; write example.com/x'],
    ],
    [
      `${our}metadata: {name: a, creationTimestamp: today}\n${rest}`,
      [
        '1/3:21 metadata.creationTimestamp: "today" is not a time; leave it out, or write one like 2026-11-22T10:00:00Z',
      ],
    ],
    [
      `${our}metadata: {name: a, finalizers: [x/]}\n${rest}`,
      ['1/3:34 metadata.finalizers[0]: "x/" is not a finalizer; write one like example.com/cleanup'],
    ],
    [
      `${our}metadata: {name: a, ownerReferences: [{apiVersion: v1, kind: Pod, name: b}]}\n${rest}`,
      ['1/3:39 metadata.ownerReferences[0].uid: is required'],
    ],
    [
      'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {..a: x, b: z}\nbinaryData: {b: "?"}\nimmutable: "true"\n',
      ['1/6:1 immutable: must be true or false, not the string "true"; write it without quotes: true'],
    ],
    [
      'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {..a: x, b: z}\nbinaryData: {b: "?"}\n',
      [
        "1/4:8 data[..a]: \"..a\" is not a key of a ConfigMap; it cannot be '.' or begin with '..'",
        '1/4:16 data.b: "b" is in binaryData too; leave one of them out',
        '1/5:14 binaryData.b: is no base64; write text in data instead',
      ],
    ],
    ['apiVersion: v1\nkind: ConfigMapp\n', ['1/2:1 kind: v1 has no kind ConfigMapp; did you mean ConfigMap?']],
    [
      'apiVersion: v1\nkind: FooList\nitems: []\n',
      ['1/2:1 kind: v1 has no list of the kind FooList; write kind: List and apiVersion: v1'],
    ],
    ['apiVersion: v1\nkind: List\nitems: null\n', ['1/3:1 items: must be a list, not null']],
    ['apiVersion: v1\nkind: List\n', ['1/1:1 items: is required']],
    [
      'apiVersion: v1\nkind: List\nitems: [{kind: List, items: []}]\n',
      ['1/3:10 items[0].kind: a list cannot be in a list; put its items here'],
    ],
    [
      `apiVersion: copepod.dev/v1alpha1\nkind: ScriptRuntimeList\nitems: [{kind: ScriptExecution}]\n`,
      ['1/3:10 items[0].kind: must be ScriptRuntime in a ScriptRuntimeList; write kind: List around it'],
    ],
  ])('%.80j', (text, expected) => {
    expect(read(text)).toEqual(expected);
  });
});
