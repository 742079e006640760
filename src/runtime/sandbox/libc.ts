/** The functions of the C library that a zygote needs and Node does not have, through node:ffi. */
import { dlopen, getRawPointer } from 'node:ffi';

const PR_SET_PDEATHSIG = 1n;
const PR_SET_NAME = 15n;
const PR_SET_NO_NEW_PRIVS = 38n;
/** Number of the system call `seccomp`, for which the C library has no function. */
const SECCOMP = { x64: 317n, arm64: 277n }[process.arch as 'x64' | 'arm64'];
const SECCOMP_SET_MODE_FILTER = 1n;
const SECCOMP_FILTER_FLAG_TSYNC = 1n;
const SIGKILL = 9n;
const F_GETFD = 1;
const O_RDWR = 2;
const O_NONBLOCK = 0o4000;
const O_CLOEXEC = 0o2000000;
const MADV_DOFORK = 11;

// The C library that Node itself is linked to, whichever it is.
const { functions: c } = dlopen(null, {
  fork: { return: 'i32', arguments: [] },
  syscall: { return: 'i64', arguments: ['u64', 'u64', 'u64', 'u64'] },
  prctl: { return: 'i32', arguments: ['u64', 'u64', 'u64', 'u64', 'u64'] },
  madvise: { return: 'i32', arguments: ['u64', 'u64', 'i32'] },
  waitpid: { return: 'i32', arguments: ['i32', 'pointer', 'i32'] },
  getpid: { return: 'i32', arguments: [] },
  getppid: { return: 'i32', arguments: [] },
  setsid: { return: 'i32', arguments: [] },
  open: { return: 'i32', arguments: ['pointer', 'i32', 'i32'] },
  pipe2: { return: 'i32', arguments: ['pointer', 'i32'] },
  dup2: { return: 'i32', arguments: ['i32', 'i32'] },
  fcntl: { return: 'i32', arguments: ['i32', 'i32', 'i32'] },
  close: { return: 'i32', arguments: ['i32'] },
  read: { return: 'i64', arguments: ['i32', 'pointer', 'u64'] },
  _exit: { return: 'void', arguments: ['i32'] },
});

// Node remembers its process id; a forked process has another.
export const { fork, getpid, getppid, setsid, dup2, close } = c;

/** Ends this process at once: a forked process has none of the threads that an orderly end would wait for. */
export function exitNow(code: number): never {
  c._exit(code);
  throw new Error('unreachable');
}

/** The kernel ends this process with its parent; nothing it starts gains privileges. */
export function endWithParent(): void {
  check(c.prctl(PR_SET_PDEATHSIG, SIGKILL, 0n, 0n, 0n), 'prctl(PR_SET_PDEATHSIG)');
}

export function gainNoPrivileges(): void {
  check(c.prctl(PR_SET_NO_NEW_PRIVS, 1n, 0n, 0n, 0n), 'prctl(PR_SET_NO_NEW_PRIVS)');
}

/** Names this process as `ps` and `top` show it, in 15 bytes at most. A forked process has the name of its parent. */
export function nameProcess(name: string): void {
  c.prctl(PR_SET_NAME, getRawPointer(Buffer.from(`${name.slice(0, 15)}\0`)), 0n, 0n, 0n);
}

/** Puts a filter on all threads of this process, for good. @returns whether the kernel took it */
export function installFilter(instructions: Buffer): boolean {
  const program = Buffer.alloc(16); // struct sock_fprog
  program.writeUInt16LE(instructions.length / 8, 0);
  program.writeBigUInt64LE(getRawPointer(instructions), 8);
  if (SECCOMP === undefined) return false;
  return c.syscall(SECCOMP, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, getRawPointer(program)) === 0n;
}

export function isOpen(fd: number): boolean {
  return c.fcntl(fd, F_GETFD, 0) !== -1;
}

/** Opens `/dev/null`. */
export function openNull(): number {
  return check(c.open(getRawPointer(Buffer.from('/dev/null\0')), O_RDWR | O_CLOEXEC, 0), 'open');
}

/** A pipe of which neither end blocks: `[read, write]`. */
export function pipe(): [number, number] {
  const ends = Buffer.alloc(8);
  check(c.pipe2(getRawPointer(ends), O_CLOEXEC | O_NONBLOCK), 'pipe2');
  return [ends.readInt32LE(0), ends.readInt32LE(4)];
}

/** What can be read now, in bytes; nothing where nothing is there. */
export function readInto(fd: number, buffer: Buffer): number {
  return Math.max(0, Number(c.read(fd, getRawPointer(buffer), BigInt(buffer.length))));
}

/** Waits for the end of a child process. Gives its exit code or the number of its signal. */
export function reap(pid: number): { code: number | null; signal: number | null } {
  const status = Buffer.alloc(4);
  if (c.waitpid(pid, getRawPointer(status), 0) !== pid) return { code: null, signal: null };
  const word = status.readInt32LE(0);
  const signal = word & 0x7f;
  return signal === 0 ? { code: (word >> 8) & 0xff, signal: null } : { code: null, signal };
}

/** Has forked processes get all memory that this one has now, also what V8 has kept from them. */
export function shareMemoryWithChildren(): void {
  const fd = check(c.open(getRawPointer(Buffer.from('/proc/self/maps\0')), O_CLOEXEC, 0), 'open');
  const text = Buffer.alloc(4 << 20);
  let length = 0;
  for (let got = 1; got > 0 && length < text.length; length += got) got = readInto(fd, text.subarray(length));
  c.close(fd);
  for (const [, from, to] of text.toString('latin1', 0, length).matchAll(/^([0-9a-f]+)-([0-9a-f]+) /gm)) {
    const start = BigInt(`0x${from}`);
    c.madvise(start, BigInt(`0x${to}`) - start, MADV_DOFORK); // fails for the kernel's own pages, which is as well
  }
}

function check(result: number, what: string): number {
  if (result < 0) throw new Error(`${what} failed`);
  return result;
}
