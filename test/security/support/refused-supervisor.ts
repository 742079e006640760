/**
 * A program that embeds a runtime on a kernel that refuses seccomp filters: it has the system call denied to itself and all
 * that it starts, by a filter. Its argument is the policy; it prints what happens.
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

const { createRuntime } = await import('../../../src/index.ts');
const warnings: string[] = [];
const runtime = createRuntime({
  pool: { size: 1, spares: 0, seccomp: process.argv[2] as 'Required' | 'IfAvailable' },
  observer: { runsWithoutSeccomp: ({ reason }) => warnings.push(reason) },
});
const ready = await runtime.ready().then(
  () => 'ready',
  (error: Error) => error.message,
);
const { reason, result, error } = await runtime.execute('21 * 2');
const { containment } = runtime.metrics();
await runtime.close();
process.stdout.write(JSON.stringify({ ready, reason, result, message: error?.message, containment, warnings }));
