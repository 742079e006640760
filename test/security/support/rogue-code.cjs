/**
 * Sandbox code that has been taken over: it has all of JavaScript and node:ffi, outside of any isolate, in a process like
 * those that run scripts. Asked by name, it tries one thing and says what the system call gave. What it tries is harmless,
 * and would succeed in a process without a filter: the same file run as a program of its own says so.
 *
 * A system call through the C library's `syscall` gives -1 for every error.
 */
const { dlopen, getRawPointer } = require('node:ffi');
const { readSync, writeSync } = require('node:fs');

const X64 = process.arch === 'x64';
const { functions } = dlopen(null, {
  syscall: { return: 'i64', arguments: ['u64', 'u64', 'u64', 'u64', 'u64', 'u64', 'u64'] },
});
const kept = [];
const pointer = (buffer) => {
  kept.push(buffer);
  return getRawPointer(buffer);
};
const text = (string) => pointer(Buffer.from(`${string}\0`));
const room = (bytes = 256) => pointer(Buffer.alloc(bytes));
const AT_FDCWD = (1n << 64n) - 100n;
const call = (x64, arm64, ...args) => {
  const all = [X64 ? x64 : arm64, ...args, 0, 0, 0, 0, 0, 0].slice(0, 7);
  return Number(functions.syscall(...all.map((value) => BigInt.asUintN(64, BigInt(value)))));
};
/** One filter instruction: allow. */
const program = () => {
  const instruction = Buffer.alloc(8);
  instruction.writeUInt16LE(6, 0);
  instruction.writeUInt32LE(0x7fff0000, 4);
  const sock = Buffer.alloc(16);
  sock.writeUInt16LE(1, 0);
  sock.writeBigUInt64LE(pointer(instruction), 8);
  return pointer(sock);
};
const uring = () => room(256);
const limit = (...values) => pointer(Buffer.from(new BigUint64Array(values.map(BigInt)).buffer));

/** Each gets the ids of its supervisor and of a neighbour, and gives what the system call gave. */
const ATTEMPTS = {
  'open a file': () => call(257, 56, AT_FDCWD, text('/etc/passwd'), 0),
  'open a file by openat2': () => call(437, 437, AT_FDCWD, text('/etc/passwd'), limit(0, 0, 0), 24),
  'create a file': () => call(257, 56, AT_FDCWD, text('/tmp/copepod-rogue'), 0o102, 0o600),
  'read a link': () => call(267, 78, AT_FDCWD, text('/proc/self/exe'), room(), 200),
  'look at a file': () => call(262, 79, AT_FDCWD, text('/'), room(), 0),
  'look at a file by statx': () => call(332, 291, AT_FDCWD, text('/'), 0, 0xfff, room()),
  'ask for access': () => call(269, 48, AT_FDCWD, text('/'), 0, 0),
  'make a directory': () => call(258, 34, AT_FDCWD, text(`/tmp/copepod-rogue-${process.hrtime.bigint()}`), 0o700),
  'change directory': () => call(80, 49, text('/')),
  'ask for its directory': () => call(79, 17, room(), 200),
  'read its supervisor’s memory map': ({ supervisor }) => call(257, 56, AT_FDCWD, text(`/proc/${supervisor}/maps`), 0),
  'read its neighbour’s environment': ({ neighbour }) => call(257, 56, AT_FDCWD, text(`/proc/${neighbour}/environ`), 0),
  'open its own memory': () => call(257, 56, AT_FDCWD, text('/proc/self/mem'), 2),
  'make a socket for IPv4': () => call(41, 198, 2, 1, 0),
  'make a socket for IPv6': () => call(41, 198, 10, 2, 0),
  'make a UNIX socket': () => call(41, 198, 1, 1, 0),
  'make a netlink socket': () => call(41, 198, 16, 3, 0),
  'make a pair of sockets': () => call(53, 199, 1, 1, 0, room()),
  'send a message with a descriptor': () => call(46, 211, 3, message(), 0x40),
  'receive a message with a descriptor': () => call(47, 212, 3, message(), 0x40),
  'ask for the name of its peer': () => call(52, 205, 3, room(), pointer(Buffer.from([200, 0, 0, 0]))),
  'change its socket': () => call(54, 208, 3, 1, 7, pointer(Buffer.from([0, 16, 0, 0])), 4),
  'make a pipe': () => call(293, 59, room(), 0),
  'make an event descriptor': () => call(290, 19, 0, 0),
  'make an epoll': () => call(291, 20, 0),
  'make a file in memory': () => call(319, 279, text('rogue'), 0),
  'make a timer descriptor': () => call(283, 85, 1, 0),
  'watch files': () => call(294, 26, 0),
  'copy a descriptor': () => call(32, 23, 3),
  'change the flags of a descriptor': () => call(72, 25, 3, 4, 0),
  'ask a device': () => call(16, 29, 3, 0x541b, room()),
  'set up io_uring': () => call(425, 425, 4, uring()),
  'handle page faults': () => call(323, 282, 1),
  'count events of the processor': () => call(298, 241, perfEvent(), 0, -1, -1, 0),
  'fork a process': () => forked(call(56, 220, 17, 0, 0, 0, 0)),
  'fork a process by clone3': () => forked(call(435, 435, limit(0, 0, 0, 0, 17, 0, 0, 0), 64)),
  'start a program': () => call(59, 221, text('/nonexistent'), 0, 0),
  'signal its supervisor': ({ supervisor }) => call(62, 129, supervisor, 0),
  'signal its neighbour': ({ neighbour }) => call(62, 129, neighbour, 0),
  'signal a thread of its neighbour': ({ neighbour }) => call(234, 131, neighbour, neighbour, 0),
  'signal its supervisor with a value': ({ supervisor }) => call(129, 138, supervisor, 0, room()),
  'hold on to its supervisor': ({ supervisor }) => call(434, 434, supervisor, 0),
  'be traced': () => call(101, 117, 0, 0, 0, 0),
  'read its neighbour’s memory': ({ neighbour, address }) =>
    call(310, 270, neighbour, limit(room(8), 8), 1, limit(address, 8), 1, 0),
  'write its neighbour’s memory': ({ neighbour, address }) =>
    call(311, 271, neighbour, limit(room(8), 8), 1, limit(address, 8), 1, 0),
  'compare itself with its neighbour': ({ neighbour }) => call(312, 272, neighbour, neighbour, 1, 0, 0),
  'install a second filter': () => call(317, 277, 1, 0, program()),
  'install a second filter by prctl': () => call(157, 167, 22, 2, program()),
  'change what ends it with its parent': () => call(157, 167, 1, 0),
  'raise its limit of files': () => call(302, 261, 0, 7, limit(64, 64), 0),
  'raise its limit of processes': () => call(160, 164, 6, limit(1 << 20, 1 << 20)),
  'read limits of its supervisor': ({ supervisor }) => call(302, 261, supervisor, 7, 0, room()),
  'become another user': () => call(105, 146, 0),
  'become another group': () => call(106, 144, 0),
  'lead a session': () => call(112, 157),
  'change its group of processes': () => call(109, 154, 0, 0),
  'have a namespace of its own': () => call(272, 97, 0x40000000),
  'change its priority': () => call(141, 140, 0, 0, 5),
  'choose its processors': () => call(203, 122, 0, 8, pointer(Buffer.from([255, 255, 255, 255, 255, 255, 255, 255]))),
  'have real time': () => call(144, 119, 0, 0, room()),
  'share memory': () => call(9, 222, 0, 4096, 3, 0x21, -1, 0),
  'share memory by System V': () => call(29, 194, 0, 4096, 0o1600),
  'make a message queue': () => call(68, 186, 0, 0o1600),
  'make semaphores': () => call(64, 190, 0, 1, 0o1600),
  'lock its memory': () => call(149, 228, room(4096), 4096),
  'set an alarm': () => call(38, 103, 0, room(32), 0),
  'ask for the system’s name': () => call(63, 160, room(512)),
  'ask for the system’s memory': () => call(99, 179, room(256)),
  'change its personality': () => call(135, 92, 0xffffffff),
  'add a key': () => call(250, 219, 0, -3, 0),
  'wait for a process': () => call(247, 95, 0, 0, room(), 5),
};

function message() {
  const io = limit(room(8), 8);
  const header = Buffer.alloc(56);
  header.writeBigUInt64LE(io, 16);
  header.writeBigUInt64LE(1n, 24);
  return pointer(header);
}

/** A counter of the software clock, of this process alone. */
function perfEvent() {
  const attributes = Buffer.alloc(128);
  attributes.writeUInt32LE(1, 0);
  attributes.writeUInt32LE(128, 4);
  return pointer(attributes);
}

/** A child that was forked after all ends at once. */
function forked(pid) {
  if (pid === 0) call(231, 94, 0);
  return pid;
}

function attempt(name, who) {
  try {
    return ATTEMPTS[name](who);
  } catch (error) {
    return `${error.message}`;
  }
}

module.exports = {
  ATTEMPTS: Object.keys(ATTEMPTS),
  preload() {},
  open() {
    return () => {
      const buffer = Buffer.alloc(4096);
      for (;;) {
        const length = readSync(3, buffer, 0, buffer.length, null);
        if (length === 0) call(231, 94, 0);
        const { name, who } = JSON.parse(buffer.toString('utf8', 0, length));
        writeSync(3, `${JSON.stringify(attempt(name, who))}\n`);
      }
    };
  },
};

// As a program of its own: without a filter.
if (require.main === module) {
  const [name, who] = process.argv.slice(2);
  process.stdout.write(JSON.stringify(attempt(name, JSON.parse(who))));
}
