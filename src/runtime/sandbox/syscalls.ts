/** What an argument of a system call must be, for the call to be allowed. Arguments count from 0. */
export type ArgumentRule =
  /** All 64 bits. */
  | { readonly argument: number; readonly is: number | 'own process id' }
  /** At least one bit of the mask is set; none of them is. */
  | { readonly argument: number; readonly anyOf: number }
  | { readonly argument: number; readonly noneOf: number };

export interface AllowedCall {
  readonly name: string;
  /** Numbers of the call; left out where the architecture does not have it. */
  readonly x64?: number;
  readonly arm64?: number;
  readonly why: string;
  readonly only?: readonly ArgumentRule[];
}

const MAP_SHARED = 0x01;
const CLONE_THREAD = 0x10000;
const AF_INET = 2;
const FIONBIO = 0x5421;

/**
 * The system calls of a sandbox process once it is ready. Everything else fails with EPERM, which V8 and the C library
 * take for an error like any other. No call of these opens, connects, sends a descriptor, starts a process or reaches one.
 */
export const ALLOWED_CALLS: readonly AllowedCall[] = [
  { name: 'read', x64: 0, arm64: 63, why: 'requests arrive on its socket' },
  { name: 'write', x64: 1, arm64: 64, why: 'answers leave on its socket; last words on its standard error' },
  { name: 'readv', x64: 19, arm64: 65, why: 'as read, in the C library' },
  { name: 'writev', x64: 20, arm64: 66, why: 'as write, in the C library' },
  { name: 'close', x64: 3, arm64: 57, why: 'gives up a descriptor that it has' },
  { name: 'poll', x64: 7, why: 'waits for its own descriptors' },
  { name: 'ppoll', x64: 271, arm64: 73, why: 'waits for its own descriptors' },
  {
    name: 'mmap',
    x64: 9,
    arm64: 222,
    why: 'memory of V8 and malloc; private, so that all of it is counted as its own',
    only: [{ argument: 3, noneOf: MAP_SHARED }],
  },
  { name: 'munmap', x64: 11, arm64: 215, why: 'gives memory back' },
  { name: 'mremap', x64: 25, arm64: 216, why: 'realloc of big blocks' },
  { name: 'mprotect', x64: 10, arm64: 226, why: 'V8 makes code executable' },
  { name: 'pkey_mprotect', x64: 329, arm64: 288, why: 'V8 guards its code with memory protection keys' },
  { name: 'madvise', x64: 28, arm64: 233, why: 'V8 and malloc give pages back' },
  { name: 'brk', x64: 12, arm64: 214, why: 'malloc' },
  { name: 'futex', x64: 202, arm64: 98, why: 'locks of V8 and the C library' },
  {
    name: 'clone',
    x64: 56,
    arm64: 220,
    why: 'isolated-vm starts a thread when a heap nears its limit; threads of this process, no process',
    only: [{ argument: 0, anyOf: CLONE_THREAD }],
  },
  { name: 'set_robust_list', x64: 273, arm64: 99, why: 'start of a thread' },
  { name: 'rseq', x64: 334, arm64: 293, why: 'start of a thread' },
  { name: 'sched_getaffinity', x64: 204, arm64: 123, why: 'number of processors' },
  { name: 'sched_getparam', x64: 143, arm64: 121, why: 'Abseil, inside V8, asks how its threads are scheduled' },
  { name: 'sched_getscheduler', x64: 145, arm64: 120, why: 'as sched_getparam' },
  { name: 'sched_yield', x64: 24, arm64: 124, why: 'spinning locks of V8' },
  { name: 'getcpu', x64: 309, arm64: 168, why: 'malloc picks an arena' },
  { name: 'membarrier', x64: 324, arm64: 283, why: 'V8 publishes code to its threads' },
  { name: 'sigaltstack', x64: 131, arm64: 132, why: 'start and end of a thread' },
  { name: 'rt_sigprocmask', x64: 14, arm64: 135, why: 'start and end of a thread; abort' },
  { name: 'rt_sigaction', x64: 13, arm64: 134, why: 'abort resets its handler' },
  { name: 'rt_sigreturn', x64: 15, arm64: 139, why: 'return from a signal handler' },
  { name: 'restart_syscall', x64: 219, arm64: 128, why: 'the kernel goes on with a wait after a stop' },
  { name: 'getpid', x64: 39, arm64: 172, why: 'abort' },
  { name: 'gettid', x64: 186, arm64: 178, why: 'abort; owners of locks' },
  {
    name: 'tgkill',
    x64: 234,
    arm64: 131,
    why: 'abort: V8 out of memory ends itself with a signal',
    only: [{ argument: 0, is: 'own process id' }],
  },
  { name: 'exit', x64: 60, arm64: 93, why: 'end of a thread' },
  { name: 'exit_group', x64: 231, arm64: 94, why: 'end of the process' },
  { name: 'clock_gettime', x64: 228, arm64: 113, why: 'time, where the kernel has no faster way' },
  { name: 'clock_getres', x64: 229, arm64: 114, why: 'time' },
  { name: 'gettimeofday', x64: 96, arm64: 169, why: 'time' },
  { name: 'clock_nanosleep', x64: 230, arm64: 115, why: 'waits' },
  { name: 'nanosleep', x64: 35, arm64: 101, why: 'waits' },
  { name: 'getrusage', x64: 98, arm64: 165, why: 'processor time of each run' },
  { name: 'getrandom', x64: 318, arm64: 278, why: 'seeds of isolates, random numbers' },
  {
    name: 'prlimit64',
    x64: 302,
    arm64: 261,
    why: 'the C library reads the size of stacks; reading only',
    only: [
      { argument: 0, is: 0 },
      { argument: 2, is: 0 },
    ],
  },
];

/**
 * What Node's inspector needs beside these: its thread listens on a port, and waits for what arrives there. None of these opens a
 * connection or a file, sends to an address, starts a process or reaches one.
 */
export const INSPECTOR_CALLS: readonly AllowedCall[] = [
  {
    name: 'socket',
    x64: 41,
    arm64: 198,
    why: 'the port that debuggers attach to',
    only: [{ argument: 0, is: AF_INET }],
  },
  { name: 'bind', x64: 49, arm64: 200, why: 'as socket' },
  { name: 'listen', x64: 50, arm64: 201, why: 'as socket' },
  { name: 'accept4', x64: 288, arm64: 242, why: 'a debugger attaches' },
  { name: 'getsockname', x64: 51, arm64: 204, why: 'the port that the kernel has picked' },
  { name: 'getpeername', x64: 52, arm64: 205, why: 'as getsockname' },
  { name: 'setsockopt', x64: 54, arm64: 208, why: 'the port can be listened on again at once' },
  { name: 'getsockopt', x64: 55, arm64: 209, why: 'state of a connection' },
  { name: 'shutdown', x64: 48, arm64: 210, why: 'end of a connection' },
  { name: 'ioctl', x64: 16, arm64: 29, why: 'reads that do not block', only: [{ argument: 1, is: FIONBIO }] },
  { name: 'fcntl', x64: 72, arm64: 25, why: 'as ioctl' },
  { name: 'epoll_create1', x64: 291, arm64: 20, why: 'the event loop of its thread' },
  { name: 'epoll_ctl', x64: 233, arm64: 21, why: 'as epoll_create1' },
  { name: 'epoll_wait', x64: 232, why: 'as epoll_create1' },
  { name: 'epoll_pwait', x64: 281, arm64: 22, why: 'as epoll_create1' },
  { name: 'eventfd2', x64: 290, arm64: 19, why: 'other threads wake that event loop' },
  { name: 'pipe2', x64: 293, arm64: 59, why: 'as eventfd2' },
];
