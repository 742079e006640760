/**
 * A sandbox process of its own, where no zygote can be had. Its arguments are the file of isolated-vm's addon, the
 * file of its code, its kind and the isolate's memory limit in MiB.
 */
import { writeSync } from 'node:fs';
import { encodeFrame } from '../../api/frame.ts';
import type { SandboxKind } from '../wire/zygote.ts';
import type { SandboxCode } from './code.ts';

const [, , , file, kind, memoryMb] = process.argv;
const code = require(file as string) as SandboxCode;
// The code has what it calls of the C library: nothing else of it can be reached from here on.
process.permission?.drop('ffi');
const serve = code.open({ kind: kind as SandboxKind, memoryMb: Number(memoryMb), exit: () => process.exit(0) });
writeSync(3, encodeFrame({ op: 'ack', id: 0 }));
serve();
