/** Tests that the sandbox fails on purpose. */
export interface Deviation {
  /** A file, or the start of the paths of several. */
  readonly path: string;
  /** Which of its tests; left out: all. */
  readonly tests?: RegExp;
  readonly reason: string;
}

const NO_SHARED_MEMORY = 'there is no WebAssembly, whose memory the tests make a SharedArrayBuffer of';

/** What docs/guest.md lists under "Deviations", by the tests that show it. */
export const DEVIATIONS: readonly Deviation[] = [
  { path: 'encoding/', tests: /SharedArrayBuffer/, reason: NO_SHARED_MEMORY },
  { path: 'encoding/streams/decode-utf8.any.js', reason: NO_SHARED_MEMORY },
  { path: 'compression/', tests: /SharedArrayBuffer|shared Uint8Array/, reason: NO_SHARED_MEMORY },
  { path: 'streams/readable-byte-streams/non-transferable-buffers.any.js', reason: NO_SHARED_MEMORY },
  {
    path: 'html/webappapis/scripting/processing-model-2/integration-with-the-javascript-agent-formalism/',
    reason: NO_SHARED_MEMORY,
  },
  {
    path: 'html/',
    tests: /^A subclass instance/,
    reason: 'streams are not transferred: there is no other thread to give them to',
  },
  {
    path: 'webmessaging/broadcastchannel/',
    reason: 'BroadcastChannel is not in the Minimum Common Web API: there is no other context to talk to',
  },
  {
    path: 'html/webappapis/system-state-and-capabilities/the-navigator-object/navigator.any.js',
    tests: /^platform$/,
    reason: 'of navigator, the Minimum Common Web API has userAgent alone',
  },
  {
    path: 'streams/piping/general-addition.any.js',
    reason: 'web-streams-polyfill writes what is enqueued while a pipe waits for it at once, and not in a microtask',
  },
  {
    path: 'html/',
    tests: /^Length-tracking /,
    reason: 'nothing in ECMAScript tells a view that follows the length of its buffer from one that does not',
  },
];
