import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { defaultRuntime } from '../../src/api/defaults.ts';
import type { ScriptRuntimeSpec } from '../../src/api/types.generated.ts';
import { childrenOf } from '../../src/operator/runtimes/children.ts';
import { ROOT, readPage } from './support/pages.ts';

const PAGE = 'docs/sizing.md';
const text = readFileSync(join(ROOT, PAGE), 'utf8');
const measurements = readFileSync(join(ROOT, 'bench/measurements/gateway.md'), 'utf8');

/** Cells of the first row of a table that begins with a name. Throws where no row does. */
function cellsOf(page: string, name: string): string[] {
  const row = page.split('\n').find((line) => line.startsWith(`| ${name} |`));
  if (row === undefined) throw new Error(`no row ${name}`);
  return row
    .split('|')
    .slice(2, -1)
    .map((cell) => cell.trim());
}
const numbersOf = (cells: readonly string[]): number[] => cells.map((cell) => Number.parseFloat(cell.replace(',', '')));

describe('the processor time of an execution', () => {
  test.each(['object', 'execute', 'endpoint, `reuse: None`', 'endpoint, `reuse: Module`'])(
    'is as measured: %s',
    (way) => {
      const [perSecond, , , ...measured] = numbersOf(cellsOf(measurements, way));
      const [apiServer, etcd, operator, gateways, pods, together = 0, perCore, onTwoCores] = numbersOf(
        cellsOf(text, way),
      );
      const parts = [apiServer, etcd, operator, gateways, pods];
      expect(parts).toEqual(measured.slice(0, 5));
      expect(parts.reduce<number>((sum, each) => sum + (each ?? 0), 0)).toBeCloseTo(together);
      expect(perCore).toBe(Math.floor(1000 / together));
      expect(onTwoCores).toBe(perSecond);
    },
  );
});

describe('the example', () => {
  const yaml = readPage(PAGE).snippets.find(({ language }) => language === 'yaml')?.text ?? '';
  const written = (parse(yaml) as { spec: ScriptRuntimeSpec }).spec;

  test('has the memory that the operator would give its pods', () => {
    const made = defaultRuntime('default', 'platform');
    const { template: _template, ...own } = written;
    const spec = {
      ...made.spec,
      limits: { ...made.spec.limits, ...own.limits },
      pool: { ...made.spec.pool, ...own.pool },
    };
    const runtime = { ...made, metadata: { ...made.metadata, uid: 'uid-1' }, spec };
    const defaults = {
      image: 'i',
      publicKey: '{}',
      gatewayPublicKey: '{}',
      operatorNamespace: 'o',
      scraperNamespaces: [],
    };
    const deployment = childrenOf(runtime, 1, defaults).find(({ kind }) => kind === 'Deployment') as unknown as {
      spec: {
        template: {
          spec: { containers: { resources: { requests: { memory: string }; limits: { memory: string } } }[] };
        };
      };
    };
    const resources = deployment.spec.template.spec.containers[0]?.resources;
    expect(written.template?.resources).toMatchObject({
      requests: { memory: resources?.requests.memory },
      limits: { memory: resources?.limits.memory },
    });
  });

  test.each([
    'busy VMs',
    'VMs',
    'cores of the pods, busy',
    'requested by each of 4',
    'memory limit of a pod',
    'memory request of a pod',
    'tenants whose process stays, in a pod',
    'objects that are kept',
  ])('calculates correctly: %s', (name) => {
    const example = text.slice(text.indexOf('## An example'));
    const [formula = '', result = ''] = cellsOf(example, name);
    const expected = Number.parseFloat(result.replace(',', ''));
    const decimals = result.split(' ')[0]?.split('.')[1]?.length ?? 0;
    const value = evaluate(formula);
    expect(decimals === 0 ? Math.floor(value + 1e-9) : Number(value.toFixed(decimals))).toBe(expected);
  });
});

/** The value of a formula of the page: numbers, brackets, and the signs of the four operations. Throws for anything else. */
function evaluate(formula: string): number {
  const expression = formula.replaceAll('×', '*').replaceAll('÷', '/').replaceAll(',', '');
  if (!/^[\d.+*/() ]+$/.test(expression)) throw new Error(`no formula: ${formula}`);
  return Number(new Function(`return ${expression}`)());
}
