/**
 * A tour of copepod on this machine with the real command: `make demo`. Exits with 0 if all steps behave as expected.
 */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { styleText } from 'node:util';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const CLI = 'dist/cli/main.js';

/** One command of the tour. */
interface Step {
  readonly title: string;
  readonly about: string;
  readonly args: readonly string[];
  readonly exit: number;
  /** Meaning of the exit code in this step. */
  readonly means: string;
  /** Patterns that the output must match. */
  readonly shows: readonly RegExp[];
}

const STEPS: readonly Step[] = [
  {
    title: 'A script returns a result',
    about: 'The manifest is the one kubectl applies to a cluster; here it runs on this machine, with the same engine.',
    args: ['run', 'examples/hello.yaml'],
    exit: 0,
    means: 'every execution succeeded',
    shows: [/hello +True +Completed .*"hello world from Acme"/],
  },
  {
    title: 'Realistic scripts',
    about: 'A price rule, a permission check, an invoice in TypeScript, and two executions of a script in a ConfigMap.',
    args: [
      'run',
      'examples/price-rule.yaml',
      'examples/permission-check.yaml',
      'examples/typescript-invoice.yaml',
      'examples/source-from-configmap.yaml',
    ],
    exit: 0,
    means: 'every execution succeeded',
    shows: [/price-rule +True/, /permission-check +True/, /typescript-invoice +True/, /rollout-of-tester +True/],
  },
  {
    title: 'Errors have line and column',
    about: 'In the script, and in the manifest that contains it.',
    args: ['run', 'examples/failures/type-error.yaml'],
    exit: 1,
    means: 'at least one execution failed',
    shows: [/RuntimeError/, /type-error\.yaml:14:53/, /> 2 \|/],
  },
  {
    title: 'One pool, three tenants, one of them hostile',
    about: 'An endless loop is stopped, a memory bomb is contained, and the other tenants get their results.',
    args: ['run', 'scripts/demo/one-pool.yaml'],
    exit: 1,
    means: 'the hostile scripts failed, and no other',
    shows: [
      /runaway-loop +False +TimeoutExceeded/,
      /memory-bomb +False +MemoryExceeded/,
      /never-answers +False +TimeoutExceeded/,
      /discount +True/,
      /shipping +True/,
      /stock-report +True/,
    ],
  },
  {
    title: 'A platform adds its own functions',
    about: 'They run outside the sandbox and know the calling tenant. Scripts await them like any function.',
    args: [
      'run',
      'examples/host-functions/quote.yaml',
      '--host-functions',
      'examples/host-functions/host-functions.mjs',
    ],
    exit: 0,
    means: 'every execution succeeded',
    shows: [/quote +True/],
  },
  {
    title: 'Mistakes are reported before anything runs',
    about: 'All at once, each with its position and a correction; scripts are compiled too.',
    args: ['validate', 'scripts/demo/mistakes.yaml'],
    exit: 2,
    means: 'invalid usage or manifests; nothing ran',
    shows: [/did you mean spec\.source\?/, /mistakes\.yaml:16:/, /3 problems in 1 file/],
  },
];

const NEXT = [
  ['npx copepod run FILE.js --param key=value', 'run a script of your own'],
  ['npx copepod run examples/ -o yaml', 'every example, with its status as a cluster would hold it'],
  ['npx copepod run --help', 'watch mode, limits, host functions'],
  ['cat examples/README.md', 'what each example shows'],
] as const;

const style = (format: Parameters<typeof styleText>[0], text: string): string =>
  styleText(format, text, { stream: process.stdout, validateStream: true });

const colours = style('red', 'x') !== 'x';
const started = performance.now();
const failures: string[] = [];

for (const [index, step] of STEPS.entries()) {
  print(`\n${style(['bold', 'cyan'], `${index + 1}. ${step.title}`)}\n   ${step.about}\n`);
  print(`\n   ${style('bold', `$ copepod ${step.args.join(' ')}`)}\n`);
  const { code, output } = await copepod(step.args);
  print(`${output.trimEnd().replace(/^(?=.)/gm, '   ')}\n`);
  print(`\n   ${style('dim', `exit ${code}`)}${code === step.exit ? `: ${step.means}` : ''}\n`);

  // biome-ignore lint/suspicious/noControlCharactersInRegex: removes the colours before matching
  const plain = output.replace(/\u001b\[[0-9;]*m/g, '');
  if (code !== step.exit) failures.push(`step ${index + 1} exited with ${code} instead of ${step.exit}`);
  for (const pattern of step.shows) {
    if (!pattern.test(plain)) failures.push(`step ${index + 1} output does not match ${pattern}`);
  }
}

const seconds = ((performance.now() - started) / 1000).toFixed(1);
if (failures.length > 0) {
  print(
    `\n${style(['bold', 'red'], 'Some steps did not behave as expected:')}\n${failures.map((line) => `  ${line}\n`).join('')}`,
  );
  process.exitCode = 1;
} else {
  print(`\n${style(['bold', 'green'], `All steps succeeded in ${seconds} s.`)} What next:\n\n`);
  for (const [command, why] of NEXT) print(`  ${command.padEnd(44)} ${style('dim', why)}\n`);
  print('\n');
}

/** Runs the command and returns its output as a terminal shows it. */
function copepod(args: readonly string[]): Promise<{ code: number | null; output: string }> {
  const width = Math.min(process.stdout.columns ?? 110, 120) - 3;
  const env = { ...process.env, COLUMNS: String(width), ...(colours ? { FORCE_COLOR: '1' } : {}) };
  // One pipe for both streams keeps their order.
  const shell = ['-c', 'exec "$0" "$@" 2>&1', process.execPath, CLI, ...args];
  const child = spawn('sh', shell, { cwd: ROOT, env, stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    output += chunk;
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject).on('close', (code) => resolve({ code, output }));
  });
}

function print(text: string): void {
  process.stdout.write(text);
}
