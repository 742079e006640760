/** Waits for a descriptor, through node:ffi: Node's own reads either block or need an event loop. */
import { dlopen, getRawPointer } from 'node:ffi';

const POLLIN = 1;
/** Longest wait that `poll` takes, in milliseconds. */
const MAX_WAIT_MS = 2 ** 31 - 1;

const { functions: c } = dlopen(null, { poll: { return: 'i32', arguments: ['pointer', 'u64', 'i32'] } });

// Its address is taken once: a process that has given up the right to use node:ffi can still call what it has.
const request = Buffer.alloc(8); // struct pollfd
request.writeInt16LE(POLLIN, 4);
const address = getRawPointer(request);

let longestPollMs = MAX_WAIT_MS;

/** Has JavaScript run at least this often while the process waits, in milliseconds. */
export function wakeEvery(ms: number): void {
  longestPollMs = ms;
}

/**
 * Waits until something can be read from a descriptor, or its other end is closed.
 * @param waitMs at most so long, in milliseconds; a signal may end the wait before
 */
export function waitReadable(fd: number, waitMs: number): boolean {
  request.writeInt32LE(fd, 0);
  for (let leftMs = waitMs; ; leftMs -= longestPollMs) {
    if (c.poll(address, 1n, Math.min(Math.ceil(leftMs), longestPollMs)) > 0) return true;
    if (leftMs <= longestPollMs) return false;
  }
}
