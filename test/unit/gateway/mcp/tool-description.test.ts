import { describe, expect, test } from '@jest/globals';
import { defaultRuntime } from '../../../../src/api/defaults.ts';
import type { ScriptRuntime } from '../../../../src/api/types.generated.ts';
import { toolDescription } from '../../../../src/gateway/mcp/tool-description.ts';

function runtime(spec: Partial<ScriptRuntime['spec']> = {}): ScriptRuntime {
  const object = defaultRuntime('agents', 'acme');
  return { ...object, spec: { ...object.spec, ...spec } };
}

const rule = (hosts: string[], more: object = {}) => ({ hosts, schemes: ['https' as const], ...more });

describe('the description of the tool', () => {
  test('has the limits, and says that nothing can be reached or imported', () => {
    const text = toolDescription(runtime(), 'acme', '');
    expect(text).toMatch(/30s, 64Mi of memory, 100 calls/);
    expect(text).toContain('Nothing can be imported.');
    expect(text).toContain('fetch reaches nothing.');
    expect(text).not.toContain('```');
  });

  test('has declarations of host functions and variables, imports, and what fetch reaches', () => {
    const spec = {
      imports: { '@acme/vat': { configMapKeyRef: { name: 'vat', key: 'vat.ts' } } },
      env: [
        { name: 'REGION', value: 'eu' },
        { name: 'REGION', value: 'us' },
        { name: 'API-TOKEN', valueFrom: { secretKeyRef: { name: 'api', key: 'token', optional: true } } },
      ],
      egress: [
        rule(['api.example.com'], { methods: ['GET'], paths: ['/v1/*'], ports: [8443] }),
        rule(['*.example.org', '10.0.0.0/8']),
      ],
    };
    const text = toolDescription(runtime(spec), 'acme', 'declare function greet(name: string): Promise<string>;\n');
    expect(text).toContain("- import ... from '@acme/vat'");
    expect(text).toContain('- GET: https://api.example.com:8443 /v1/*');
    expect(text).toContain('- any method: https://*.example.org|10.0.0.0/8');
    expect(text).toContain(
      '```ts\ndeclare const env: {\n  readonly REGION: string;\n  readonly "API-TOKEN"?: string;\n};\n\ndeclare function greet(name: string): Promise<string>;\n```',
    );
  });

  test('has what is for its tenant alone', () => {
    const spec = {
      env: [
        { name: 'A', tenants: ['a'] },
        { name: 'B', tenants: ['b'] },
      ],
      egress: [rule(['a.example'], { tenants: ['a'] }), rule(['b.example'], { tenants: ['b'] })],
    };
    const text = toolDescription(runtime(spec), 'b', '');
    expect(text).toContain('b.example');
    expect(text).toContain('readonly B: string');
    expect(text).not.toContain('a.example');
    expect(text).not.toContain('readonly A');
  });

  test('is bounded: long declarations end at a line, long lists with a number', () => {
    const types = Array.from({ length: 5000 }, (_, at) => `declare function f${at}(): Promise<any>;`).join('\n');
    const egress = Array.from({ length: 60 }, (_, at) => rule([`h${at}.example`]));
    const text = toolDescription(runtime({ egress }), 'acme', types);
    expect(text.length).toBeLessThan(40_000);
    expect(text).toMatch(/Promise<any>;\n\/\/ The rest is too long to be shown\.\n```$/);
    expect(text).toContain('- and 10 more');
  });
});
