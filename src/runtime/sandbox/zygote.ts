/**
 * The zygote: a process that has loaded a kind of sandbox and forks processes of it. It never makes an isolate and never
 * sees a script. Its arguments are the file of isolated-vm's addon, its code, and how many processes it can fork.
 * Descriptor 3 is the socket to the supervisor; those from 4 on are sockets for the processes, one each.
 */
import { writeSync } from 'node:fs';
import { encodeFrame } from '../../api/frame.ts';
import type { FromZygote, ToZygote } from '../wire/zygote.ts';
import { hasReceived, onClosed, receive, send } from './channel.ts';
import type { OpenOptions, SandboxCode } from './code.ts';
import * as libc from './libc.ts';
import { waitReadable } from './readable.ts';
import { ARCHITECTURES, type Architecture, sandboxFilter, zygoteFilter } from './seccomp.ts';

const CONTROL = 3;
const FIRST_SLOT = 4;
/** Node opens a few for its event loop; more than this many there are not. */
const MAX_FD = 1024;
/** What the first processes do not wait for is loaded once nothing was asked for so long: a command that runs one script never waits for it. */
const PRELOAD_AFTER_MS = 500;
/** Or once so many processes are forked without it. */
const MAX_EARLY_FORKS = 8;
const MAX_STDERR_BYTES = 4096;
const NAME = 'copepod-zygote';

type ForkMessage = Extract<ToZygote, { op: 'fork' }>;

/** What a forked process is born with: its parent, and descriptors. */
interface Birth {
  readonly parent: number;
  readonly socket: number;
  readonly stderr: number;
  readonly words: number;
}

const slots = Number(process.argv[4]);
const architecture = process.arch as Architecture;
/** Where the standard error of each process can be read. */
const lastWords = new Map<number, number>();

onClosed(() => libc.exitNow(0));
libc.nameProcess(NAME);
libc.gainNoPrivileges();
libc.endWithParent();
const refusal = !ARCHITECTURES.includes(architecture)
  ? `there is no seccomp filter for ${process.arch}`
  : libc.installFilter(zygoteFilter(architecture))
    ? undefined
    : 'the kernel refuses seccomp filters';
if (refusal !== undefined) {
  tell({ op: 'refused', reason: refusal });
  libc.exitNow(0);
}
const code = require(process.argv[3] as string) as SandboxCode;
code.preload();
// What has run once is compiled for all processes.
sandboxFilter(architecture, libc.getpid());
libc.shareMemoryWithChildren();
let ownFds = openFdsFrom(FIRST_SLOT + slots);
const nothing = libc.openNull();
tell({ op: 'ready' });

let isPreloaded = code.preloadLate === undefined;
let forks = 0;
for (;;) {
  if (!isPreloaded && (forks >= MAX_EARLY_FORKS || isIdle())) preloadLate();
  const message = receive().message as ToZygote;
  if (message.op === 'fork') fork(message);
  else reap(message.pid);
}

function isIdle(): boolean {
  return !hasReceived() && !waitReadable(CONTROL, PRELOAD_AFTER_MS);
}

/** Loads what the first processes did not wait for. */
function preloadLate(): void {
  isPreloaded = true;
  code.preloadLate?.();
  libc.shareMemoryWithChildren();
  const ofOthers = new Set([nothing, ...lastWords.values()]);
  ownFds = openFdsFrom(FIRST_SLOT + slots).filter((fd) => !ofOthers.has(fd));
}

function tell(message: FromZygote): void {
  send(message);
}

function fork({ slot, kind, memoryMb }: ForkMessage): void {
  forks++;
  const socket = FIRST_SLOT + slot;
  const [words, stderr] = libc.pipe();
  const parent = process.pid;
  libc.nameProcess(`copepod-${kind}`);
  const pid = libc.fork();
  if (pid === 0) beChild({ parent, socket, stderr, words }, { kind, memoryMb });
  libc.nameProcess(NAME);
  libc.close(socket);
  libc.close(stderr);
  if (pid > 0) lastWords.set(pid, words);
  else libc.close(words);
  tell({ op: 'forked', slot, pid });
}

/** Waits for the end of a process that has been killed. */
function reap(pid: number): void {
  const end = libc.reap(pid);
  const words = lastWords.get(pid);
  lastWords.delete(pid);
  let stderr = '';
  if (words !== undefined) {
    const text = Buffer.alloc(MAX_STDERR_BYTES);
    stderr = text.toString('latin1', 0, libc.readInto(words, text));
    libc.close(words);
  }
  tell({ op: 'reaped', pid, ...end, stderr });
}

function beChild({ parent, socket, stderr, words }: Birth, options: Omit<OpenOptions, 'exit'>): never {
  try {
    libc.setsid();
    libc.endWithParent();
    if (libc.getppid() !== parent) libc.exitNow(1); // it was gone before the kernel knew
    libc.dup2(socket, CONTROL);
    libc.dup2(stderr, 2);
    for (let fd = FIRST_SLOT; fd < FIRST_SLOT + slots; fd++) libc.close(fd);
    // V8 wakes Node's event loop now and then; its descriptors are shared with other processes, and must lead nowhere.
    for (const fd of ownFds) libc.dup2(nothing, fd);
    for (const fd of [nothing, stderr, words, ...lastWords.values()]) libc.close(fd);
    const serve = code.open({ ...options, exit: () => libc.exitNow(0) });
    if (!libc.installFilter(sandboxFilter(architecture, libc.getpid())))
      throw new Error('the kernel refused the filter');
    writeSync(CONTROL, encodeFrame({ op: 'ack', id: 0 }));
    serve();
  } catch (error) {
    writeSync(2, `${(error as Error).stack}\n`);
  }
  libc.exitNow(1);
}

function openFdsFrom(first: number): number[] {
  const fds: number[] = [];
  for (let fd = first; fd < MAX_FD; fd++) if (libc.isOpen(fd)) fds.push(fd);
  return fds;
}
