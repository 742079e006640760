import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ScriptExecution } from '../../src/api/types.generated.ts';
import { type CommandEnd, copepod, ROOT, Workspace } from '../integration/support/cli.ts';

/** The packages that docs/authoring.md installs. */
const PACKAGES = ['zod@4.6.7', 'date-fns@4.4.0'];
/** Milliseconds that an installation may take. */
const INSTALL_MS = 240_000;

const FILES: Readonly<Record<string, string>> = {
  'src/main.ts': `import { addDays, formatISO } from 'date-fns';
import * as z from 'zod';
import { discount } from './discount.ts';

const Order = z.object({
  placed: z.string(),
  items: z.array(z.object({ price: z.number(), qty: z.int().positive() })),
});

export default (input: unknown) => {
  const { placed, items } = Order.parse(input);
  const due = formatISO(addDays(new Date(placed), 14), { representation: 'date' });
  return { ...discount(items), due };
};
`,
  'src/discount.ts': `export interface Item {
  readonly price: number;
  readonly qty: number;
}

export function discount(items: readonly Item[]): { total: number; discount: number } {
  const total = items.reduce((sum, { price, qty }) => sum + price * qty, 0);
  if (total < 0) throw new RangeError('the total is below 0');
  return { total, discount: total > 100 ? 0.1 : 0 };
}
`,
  'src/main.test.ts': `import { expect, test } from 'copepod/test';
import main from './main.ts';

test('an order above 100 has a discount', () => {
  const order = { placed: '2026-03-01T12:00:00Z', items: [{ price: 60, qty: 2 }] };
  expect(main(order)).toEqual({ total: 120, discount: 0.1, due: '2026-03-15' });
});
`,
};

/** Orders, and how their executions end. */
export const ORDERS = {
  right: { placed: '2026-03-01T12:00:00Z', items: [{ price: 60, qty: 2 }] },
  'wrong-in-a-file': { placed: '2026-03-01T12:00:00Z', items: [{ price: -5, qty: 1 }] },
  'wrong-in-a-package': { placed: 'never', items: [] },
};
export type OrderName = keyof typeof ORDERS;

/** A project made from nothing as docs/authoring.md says: `copepod init`, `npm install`, and a script of several files. */
export class DocumentedProject implements Disposable {
  readonly #workspace = new Workspace();
  readonly path = join(this.#workspace.path, 'rules');

  static async make(): Promise<DocumentedProject> {
    const project = new DocumentedProject();
    const { code, stderr } = await copepod(['init', 'rules'], { cwd: project.#workspace.path });
    if (code !== 0) throw new Error(`copepod init: ${stderr}`);
    const { NODE_OPTIONS: _, ...env } = process.env;
    const args = ['install', '--omit=dev', '--ignore-scripts', '--prefer-offline', '--no-audit', '--no-fund'];
    execFileSync('npm', [...args, ...PACKAGES], { cwd: project.path, env, stdio: 'pipe', timeout: INSTALL_MS });
    for (const [file, text] of Object.entries(FILES)) project.write(file, text);
    return project;
  }

  write(file: string, text: string): void {
    writeFileSync(join(this.path, file), text);
  }

  copepod(...args: string[]): Promise<CommandEnd> {
    return copepod(args, { cwd: this.path });
  }

  /** What `npm run check` prints: type errors with their places. */
  typeErrors(): string {
    try {
      const tsc = join(ROOT, 'node_modules/typescript/bin/tsc');
      execFileSync(process.execPath, [tsc, '-p', '.', '--pretty', 'false'], { cwd: this.path, encoding: 'utf8' });
      return '';
    } catch (error) {
      return (error as { stdout: string }).stdout;
    }
  }

  /** Builds a manifest, and writes one for each order from it; gives their files. */
  async build(): Promise<string[]> {
    const { code, stdout, stderr } = await this.copepod('build', 'src/main.ts', '-o', 'json');
    if (code !== 0) throw new Error(`copepod build: ${stderr}`);
    const built = JSON.parse(stdout) as { metadata: object; spec: object };
    return Object.entries(ORDERS).map(([name, params]) => {
      const file = `${name}.json`;
      this.write(file, JSON.stringify({ ...built, metadata: { name }, spec: { ...built.spec, params } }, null, 2));
      return file;
    });
  }

  /** Runs manifests here; gives the executions by name. */
  async run(files: readonly string[]): Promise<Record<OrderName, ScriptExecution>> {
    const { stdout } = await this.copepod('run', ...files, '-o', 'json');
    const { items } = JSON.parse(stdout) as { items: ScriptExecution[] };
    return Object.fromEntries(items.map((each) => [each.metadata.name, each])) as never;
  }

  /** The line of a text in a file of the project. */
  lineOf(file: string, text: string): { file: string; line: number } {
    const [before = '', after] = readFileSync(join(this.path, file), 'utf8').split(text);
    if (after === undefined) throw new Error(`${file} does not contain ${text}`);
    return { file, line: before.split('\n').length };
  }

  [Symbol.dispose](): void {
    this.#workspace[Symbol.dispose]();
  }
}
