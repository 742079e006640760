#!/usr/bin/env node
/** The plugin without the rest of copepod: what Krew installs. */
import { isNeededNode } from '../needed-node.ts';

if (isNeededNode()) await (await import('./program.ts')).main(process.argv.slice(2));
