#!/usr/bin/env node
import { basename } from 'node:path';
import { endProcessOneOnSignals } from './process-one.ts';

endProcessOneOnSignals();

// The major version of "engines" in package.json. An older Node would fail later, with an unrelated stack trace.
const NEEDED_NODE = 26;

if (Number(process.versions.node.split('.')[0]) < NEEDED_NODE) {
  process.stderr.write(`copepod: needs Node ${NEEDED_NODE} or later; this is ${process.version}\n`);
  process.stderr.write(`  'npm install node@${NEEDED_NODE}' in your project brings it; then run 'npx copepod'\n`);
  process.exitCode = 2;
} else {
  // The program is the plugin of kubectl under the names that kubectl looks for.
  const name = basename(process.argv[1] ?? '').replace(/\.\w+$/, '');
  const args = process.argv.slice(2);
  if (name === 'kubectl-copepod') await (await import('./kubectl/program.ts')).main(args);
  else if (name === 'kubectl_complete-copepod')
    await (await import('./kubectl/program.ts')).main(['__complete', ...args]);
  else await (await import('./program.ts')).main(args);
}
