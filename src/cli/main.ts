#!/usr/bin/env node
import { endProcessOneOnSignals } from './process-one.ts';

endProcessOneOnSignals();

// The major version of "engines" in package.json. An older Node would fail later, with an unrelated stack trace.
const NEEDED_NODE = 26;

if (Number(process.versions.node.split('.')[0]) < NEEDED_NODE) {
  process.stderr.write(`copepod: needs Node ${NEEDED_NODE} or later; this is ${process.version}\n`);
  process.stderr.write(`  'npm install node@${NEEDED_NODE}' in your project brings it; then run 'npx copepod'\n`);
  process.exitCode = 2;
} else {
  const { main } = await import('./program.ts');
  await main(process.argv.slice(2));
}
