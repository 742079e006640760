/**
 * Plays a kernel that refuses seccomp filters: has the system call denied to this process and to all that it starts, by a
 * filter. Import it before anything else, or have Node do so: NODE_OPTIONS='--import FILE'.
 */
import { gainNoPrivileges, installFilter } from '../../../src/runtime/sandbox/libc.ts';

const SECCOMP = process.arch === 'x64' ? 317 : 277;
const instructions = [
  [0x20, 0, 0, 0], // load the number of the system call
  [0x15, 0, 1, SECCOMP],
  [0x06, 0, 0, 0x00050001], // EPERM
  [0x06, 0, 0, 0x7fff0000], // allow
] as const;
const filter = Buffer.alloc(instructions.length * 8);
for (const [index, [code, jumpIfTrue, jumpIfFalse, operand]] of instructions.entries()) {
  filter.writeUInt16LE(code, index * 8);
  filter.writeUInt8(jumpIfTrue, index * 8 + 2);
  filter.writeUInt8(jumpIfFalse, index * 8 + 3);
  filter.writeUInt32LE(operand, index * 8 + 4);
}
gainNoPrivileges();
if (!installFilter(filter)) throw new Error('this machine refuses filters itself');
