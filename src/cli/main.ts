#!/usr/bin/env node
import { endProcessOneOnSignals } from './process-one.ts';

endProcessOneOnSignals();

// isolated-vm has addons for this version and later only. Without this check an older Node would start with an
// unrelated stack trace.
const NEEDED_NODE = 24;

if (Number(process.versions.node.split('.')[0]) < NEEDED_NODE) {
  process.stderr.write(`copepod: needs Node ${NEEDED_NODE} or later; this is ${process.version}\n`);
  process.stderr.write("  to get it, run 'npm install copepod node' and then 'npx copepod'\n");
  process.exitCode = 2;
} else {
  const { main } = await import('./program.ts');
  await main(process.argv.slice(2));
}
