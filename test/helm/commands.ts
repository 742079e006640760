import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const page = readFileSync(new URL('../../docs/install.md', import.meta.url), 'utf8');

/** The commands of a section of docs/install.md: the lines of its blocks that begin with `$`. Throws if there are none. */
export function commandsOf(section: string): string[] {
  const [, body = ''] = page.split(`${section}\n`);
  const text = body.split(/\n#{2,} /)[0] ?? '';
  const commands = [...text.matchAll(/^\$ (.*)$/gm)].map(([, command = '']) => command);
  if (commands.length === 0) throw new Error(`docs/install.md has no commands under "${section}"`);
  return commands;
}

/** Runs commands in a shell at the root of the repository, one after the other. Rejects with the output if one fails. */
export async function runAll(commands: readonly string[]): Promise<string> {
  const script = `set -euo pipefail\n${commands.join('\n')}`;
  return await new Promise((resolve, reject) => {
    const options = { cwd: ROOT, timeout: 240_000, maxBuffer: 16 << 20 };
    execFile('bash', ['-c', script], options, (error, stdout, stderr) => {
      if (error) reject(new Error(`${commands.join('\n')}\n${stderr}${stdout}`));
      else resolve(stdout);
    });
  });
}
