import { GUEST_TYPES, TEST_TYPES } from '../types/guest-types.ts';

/** The files of a new project, by their paths. Pure. */
export function projectFiles(name: string): Readonly<Record<string, string>> {
  return {
    'package.json': `${JSON.stringify(
      {
        name,
        private: true,
        type: 'module',
        scripts: {
          check: 'tsc',
          test: 'copepod test',
          start: 'copepod run src/main.ts --params-file params.json',
          build: `copepod build src/main.ts --name ${name} --params-file params.json`,
        },
        devDependencies: { typescript: '^7.0.2' },
      },
      null,
      2,
    )}\n`,
    'tsconfig.json': `${JSON.stringify(
      {
        compilerOptions: {
          // What the sandbox has is ECMAScript, and what copepod.d.ts declares: no DOM, nothing of Node.
          target: 'esnext',
          lib: ['esnext'],
          types: [],
          module: 'esnext',
          moduleResolution: 'bundler',
          allowImportingTsExtensions: true,
          resolveJsonModule: true,
          moduleDetection: 'force',
          isolatedModules: true,
          allowJs: true,
          strict: true,
          noEmit: true,
          skipLibCheck: true,
        },
        include: ['src', 'copepod.d.ts'],
      },
      null,
      2,
    )}\n`,
    'copepod.d.ts': `// What Copepod scripts see. Made by \`copepod types\`: make it again rather than change it.\n\n${GUEST_TYPES}\n${TEST_TYPES}`,
    '.gitignore': 'node_modules\n',
    'params.json': `${JSON.stringify({ items: [{ price: 60, qty: 2 }] }, null, 2)}\n`,
    'src/discount.ts': `export interface Item {
  readonly price: number;
  readonly qty: number;
}

/** What an order comes to, and the part that is taken off. */
export function discount(items: readonly Item[]): { total: number; discount: number } {
  const total = items.reduce((sum, { price, qty }) => sum + price * qty, 0);
  return { total, discount: total > 100 ? 0.1 : 0 };
}
`,
    'src/main.ts': `import { discount, type Item } from './discount.ts';

/** Is called with the params and the context of the execution; what it returns is the result. */
export default ({ items }: { items: Item[] }, { tenant }: ScriptContext) => {
  console.log(\`\${items.length} items for \${tenant.name}\`);
  return discount(items);
};
`,
    'src/main.test.ts': `import { expect, test } from 'copepod/test';
import { discount } from './discount.ts';
import main from './main.ts';

test('an order above 100 has a discount', () => {
  expect(discount([{ price: 60, qty: 2 }])).toEqual({ total: 120, discount: 0.1 });
});

test('the script takes its items from params', { params: { items: [{ price: 10, qty: 1 }] } }, () => {
  expect(main(params, context)).toEqual({ total: 10, discount: 0 });
});
`,
  };
}
