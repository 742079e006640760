import { describe, expect, test } from '@jest/globals';
import { Compiler } from '../../../src/runtime/compiler.ts';
import type { Program } from '../../../src/runtime/types.ts';
import type { VM } from '../../../src/runtime/vm.ts';
import type { ToSandbox } from '../../../src/runtime/wire/to-sandbox.ts';

/** What a compiler sees of a VM. */
class FakeVM {
  readonly programs = new Set<string>();
  readonly sent: ToSandbox[] = [];
  tenantKey: string | undefined;
  constructor(tenantKey = 'a') {
    this.tenantKey = tenantKey;
  }
  send(message: ToSandbox): void {
    this.sent.push(message);
  }
}

const vmOf = (tenantKey?: string): VM & FakeVM => new FakeVM(tenantKey) as unknown as VM & FakeVM;

const compilerOf = (options = {}): Compiler => new Compiler({ enabled: true, size: 500, ...options });

/** What a sandbox says when it has compiled. */
function compiled(compiler: Compiler, program: Program, vm: VM, code = `(compiled ${program.source})`): void {
  const blob = Buffer.concat([Buffer.from(code), Buffer.from([1, 2, 3])]);
  compiler.store(program, vm, { op: 'compiled', id: 1, codeBytes: Buffer.byteLength(code), shifts: [[1, 1, 9]] }, blob);
}

/** How a program is delivered. */
const formOf = (compiler: Compiler, program: Program, vm: VM): string =>
  compiler.deliver(program, vm).program.body?.form ?? 'known';

describe('naming a program', () => {
  const compiler = compilerOf();
  test.each([
    [{ source: '1' }, { name: 'script.js', language: 'JavaScript' }],
    [
      { source: '1', language: 'TypeScript' as const },
      { name: 'script.ts', language: 'TypeScript' },
    ],
    [
      { source: '1', name: 'a/b.ts' },
      { name: 'a/b.ts', language: 'TypeScript' },
    ],
    [
      { source: '1', name: 'a.mts' },
      { name: 'a.mts', language: 'TypeScript' },
    ],
    [
      { source: '1', name: 'a.cts' },
      { name: 'a.cts', language: 'TypeScript' },
    ],
    [
      { source: '1', name: 'a.mjs' },
      { name: 'a.mjs', language: 'JavaScript' },
    ],
    [
      { source: '1', name: 'a.ts', language: 'JavaScript' as const },
      { name: 'a.ts', language: 'JavaScript' },
    ],
    [
      { source: '1', name: 'x\n(y):z é' },
      { name: 'x__y__z__', language: 'JavaScript' },
    ],
  ])('%j is %j', (script, expected) => {
    expect(compiler.program(script, 'a')).toMatchObject(expected);
  });

  test('a long name keeps its end', () => {
    const { name } = compiler.program({ source: '1', name: `${'x'.repeat(300)}.js` }, 'a');
    expect(name).toHaveLength(200);
    expect(name).toMatch(/x\.js$/);
  });

  test('its key tells apart source, name, language and owner, and nothing else', () => {
    const scripts = [
      { source: '1' },
      { source: '2' },
      { source: '1', name: 'other.js' },
      { source: '1', language: 'TypeScript' as const },
      { source: '1', name: 'script.js', language: 'TypeScript' as const },
    ];
    const keys = scripts.flatMap((script) => ['a', 'b'].map((owner) => compiler.program(script, owner).key));
    expect(new Set(keys).size).toBe(10);
    expect(compiler.program({ source: '1' }, 'a').key).toBe(
      compiler.program({ source: '1', name: 'script.js', language: 'JavaScript' }, 'a').key,
    );
  });
});

describe('delivering', () => {
  test('a new program goes as source; the VM that has it is only told its name', () => {
    const compiler = compilerOf();
    const program = compiler.program({ source: '1' }, 'a');
    const vm = vmOf();
    expect(compiler.deliver(program, vm)).toEqual({
      program: {
        key: program.key,
        name: 'script.js',
        body: { form: 'source', source: '1', language: 'JavaScript' },
      },
      blob: undefined,
      typescript: false,
    });
    expect(formOf(compiler, program, vm)).toBe('known');
    expect(compiler.stats()).toEqual({ size: 0, hits: 1, misses: 1 });
  });

  test('other VMs get what the first one compiled', () => {
    const compiler = compilerOf();
    const program = compiler.program({ source: '1' }, 'a');
    const vm = vmOf();
    compiler.deliver(program, vm);
    compiled(compiler, program, vm, 'kömpiled');
    const delivery = compiler.deliver(program, vmOf());
    expect(delivery.program.body).toEqual({ form: 'compiled', code: { code: 'kömpiled', shifts: [[1, 1, 9]] } });
    expect(delivery.blob).toEqual(Buffer.from([1, 2, 3]));
    expect(compiler.stats()).toEqual({ size: 1, hits: 1, misses: 1 });
  });

  test('only TypeScript that goes as source will have its types stripped', () => {
    const compiler = compilerOf();
    const program = compiler.program({ source: '1', language: 'TypeScript' }, 'a');
    const vm = vmOf();
    expect(compiler.deliver(program, vm).typescript).toBe(true);
    expect(compiler.deliver(program, vm).typescript).toBe(false);
    compiled(compiler, program, vm);
    expect(compiler.deliver(program, vmOf()).typescript).toBe(false);
  });

  test("one tenant's compilation is nothing to another", () => {
    const compiler = compilerOf();
    const mine = compiler.program({ source: '1' }, 'a');
    compiled(compiler, mine, vmOf('a'));
    expect(formOf(compiler, compiler.program({ source: '1' }, 'b'), vmOf('b'))).toBe('source');
  });

  test("what a tenant's VM makes of a program for everybody is not kept", () => {
    const compiler = compilerOf();
    const shared = compiler.program({ source: '1' }, '\0');
    compiled(compiler, shared, vmOf('a'), 'a lie');
    expect(compiler.stats().size).toBe(0);
    compiled(compiler, shared, vmOf('\0'));
    expect(formOf(compiler, shared, vmOf('a'))).toBe('compiled');
  });

  test('holds no more bytes than it may, position shifts among them', () => {
    const compiler = compilerOf();
    const shifts = Array.from({ length: 50_000 }, (_, i) => [1, i, 9] as const);
    for (let i = 0; i < 300; i++) {
      const program = compiler.program({ source: String(i) }, 'a');
      compiler.store(program, vmOf(), { op: 'compiled', id: 1, codeBytes: 1, shifts }, Buffer.from('1'));
    }
    // 600,000 bytes each.
    expect(compiler.stats().size).toBeGreaterThan(100);
    expect(compiler.stats().size).toBeLessThan(112);
  });

  test.each([
    ['more code than there is', 5, Buffer.from('1234')],
    ['more code than a sandbox sends', 1, Buffer.alloc((4 << 20) + 1)],
  ])('keeps nothing of %s', (_, codeBytes, blob) => {
    const compiler = compilerOf();
    const program = compiler.program({ source: '1' }, 'a');
    compiler.store(program, vmOf(), { op: 'compiled', id: 1, codeBytes, shifts: [] }, blob);
    expect(compiler.stats().size).toBe(0);
  });

  test('sends shifts as they came', () => {
    const compiler = compilerOf();
    const program = compiler.program({ source: '1' }, 'a');
    const shifts = [
      [1, 2, 3],
      [4, 5, 2 ** 32 - 1],
    ] as const;
    compiler.store(program, vmOf(), { op: 'compiled', id: 1, codeBytes: 1, shifts }, Buffer.from('1'));
    expect(compiler.deliver(program, vmOf()).program.body).toEqual({ form: 'compiled', code: { code: '1', shifts } });
  });

  test('of many programs the least recently used are forgotten', () => {
    const compiler = compilerOf({ size: 2 });
    const [a, b, c] = ['a', 'b', 'c'].map((source) => compiler.program({ source }, 'a')) as [Program, Program, Program];
    compiled(compiler, a, vmOf());
    compiled(compiler, b, vmOf());
    expect(formOf(compiler, a, vmOf())).toBe('compiled');
    compiled(compiler, c, vmOf());
    expect(compiler.stats().size).toBe(2);
    expect([a, b, c].map((program) => formOf(compiler, program, vmOf()))).toEqual(['compiled', 'source', 'compiled']);
  });

  test('a VM keeps 256 programs: it is told to forget the one it used longest ago', () => {
    const compiler = compilerOf();
    const vm = vmOf();
    const programs = Array.from({ length: 257 }, (_, i) => compiler.program({ source: String(i) }, 'a'));
    for (const program of programs.slice(0, 256)) compiler.deliver(program, vm);
    compiler.deliver(programs[0] as Program, vm);
    expect(vm.sent).toEqual([]);
    compiler.deliver(programs[256] as Program, vm);
    expect(vm.sent).toEqual([{ op: 'forget', key: programs[1]?.key }]);
    expect(vm.programs.size).toBe(256);
  });
});

describe('after a run', () => {
  test('a VM does not have what it could not compile', () => {
    const compiler = compilerOf();
    const program = compiler.program({ source: '(' }, 'a');
    const vm = vmOf();
    compiler.deliver(program, vm);
    compiler.settle(program, vm, false);
    expect(formOf(compiler, program, vm)).toBe('source');
    expect(vm.sent).toEqual([]);
  });

  test('without a cache nothing is kept anywhere', () => {
    const compiler = compilerOf({ enabled: false });
    const program = compiler.program({ source: '1' }, 'a');
    const vm = vmOf();
    compiler.deliver(program, vm);
    compiled(compiler, program, vm);
    compiler.settle(program, vm, true);
    expect(vm.sent).toEqual([{ op: 'forget', key: program.key }]);
    expect(formOf(compiler, program, vm)).toBe('source');
    expect(compiler.stats()).toEqual({ size: 0, hits: 0, misses: 2 });
  });
});
