#!/usr/bin/env node
import { endProcessOneOnSignals } from './process-one.ts';

endProcessOneOnSignals();

// The package that sandboxes are made of has addons for this version and later only. Without this the first thing that
// an older Node says is a stack trace about something else.
const NEEDED_NODE = 24;

if (Number(process.versions.node.split('.')[0]) < NEEDED_NODE) {
  process.stderr.write(`copepod: needs Node ${NEEDED_NODE} or later, and this is ${process.version}\n`);
  process.stderr.write("  'npm install copepod node' and then 'npx copepod' bring their own\n");
  process.exitCode = 2;
} else {
  const { main } = await import('./program.ts');
  await main(process.argv.slice(2));
}
