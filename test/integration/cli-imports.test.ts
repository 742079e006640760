import { describe, expect, test } from '@jest/globals';
import { copepod, Workspace } from './support/cli.ts';

describe('a script file imports files below its folder', () => {
  const FILES = {
    'main.ts':
      'import { vat } from "./lib/vat.ts";\nimport rates from "./rates.json" with { type: "json" };\nexport default vat(rates.full as number);',
    'lib/vat.ts': 'import { twice } from "../twice.js";\nexport const vat = (rate: number): number => twice(rate);',
    'twice.js': 'export const twice = (n) => n * 2;',
    'rates.json': '{ "full": 19 }',
  };

  test('in TypeScript, JavaScript and JSON', async () => {
    using files = new Workspace(FILES);
    const { code, stdout } = await copepod(['run', 'main.ts', '-o', 'json'], { cwd: files.path });
    expect(JSON.parse(stdout).items[0].status.result).toBe(38);
    expect(code).toBe(0);
  });

  test('an error in one has its position in that file', async () => {
    using files = new Workspace({ ...FILES, 'twice.js': '\nexport const twice = (n) => n.a.b;' });
    const { code, stdout, stderr } = await copepod(['run', 'main.ts'], { cwd: files.path });
    expect(stdout + stderr).toContain('at twice.js:2:33');
    expect(code).toBe(1);
  });

  test('no other file is read', async () => {
    using files = new Workspace({ 'in/main.js': 'import "../secret.js"', 'in/lib.js': '', 'secret.js': '' });
    const { code, stdout, stderr } = await copepod(['run', 'in/main.js'], { cwd: files.path });
    expect(stdout + stderr).toContain("Cannot import '../secret.js'");
    expect(code).toBe(1);
  });
});
