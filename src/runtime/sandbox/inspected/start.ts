/**
 * A sandbox process under a debugger. Its arguments are the file that stands in for isolated-vm, the file of its code, the port of 127.0.0.1
 * that Node's inspector listens on (0: any), and whether the script stops at its first line: `break`.
 */
import { writeSync } from 'node:fs';
import inspector from 'node:inspector';
import { encodeFrame } from '../../../api/frame.ts';
import { FD } from '../channel.ts';
import type { SandboxCode } from '../code.ts';
import { ARCHITECTURES, type Architecture, inspectedFilter } from '../seccomp.ts';

const [, , , file, port] = process.argv;
const code = require(file as string) as SandboxCode;
// Under the filter it can open no files.
code.preload();
code.preloadLate?.();
installFilter();
process.permission?.drop('ffi');
const serve = code.open({
  kind: 'script',
  memoryMb: 0,
  exit: () => process.exit(0),
  wakeEveryMs: 20,
  onLog: (level, message) => inspector.console[level](message),
});
writeSync(FD, encodeFrame({ op: 'ack', id: 0 }));
// Throws where the port is taken.
inspector.open(Number(port), '127.0.0.1', true);
process.permission?.drop('inspector');
serve();

/** Puts a filter on this process where the kernel has one: what gets out of its context reaches no file, process or address. */
function installFilter(): void {
  const architecture = process.arch as Architecture;
  if (process.platform !== 'linux' || !ARCHITECTURES.includes(architecture)) return;
  // Another C library does not have all of these functions.
  const libc = require('../libc.ts') as typeof import('../libc.ts');
  libc.gainNoPrivileges();
  libc.installFilter(inspectedFilter(architecture, libc.getpid()));
}
