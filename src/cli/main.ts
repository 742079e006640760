#!/usr/bin/env node
import { basename } from 'node:path';
import { isNeededNode } from './needed-node.ts';
import { endProcessOneOnSignals } from './process-one.ts';

endProcessOneOnSignals();

if (isNeededNode()) {
  // The program is the plugin of kubectl under the names that kubectl looks for.
  const name = basename(process.argv[1] ?? '').replace(/\.\w+$/, '');
  const args = process.argv.slice(2);
  if (name === 'kubectl-copepod') await (await import('./kubectl/program.ts')).main(args);
  else if (name === 'kubectl_complete-copepod') {
    await (await import('./kubectl/program.ts')).main(['__complete', ...args]);
  } else await (await import('./program.ts')).main(args);
}
