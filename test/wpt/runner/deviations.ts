/** Tests that the sandbox fails on purpose. */
export interface Deviation {
  /** A file, or the start of the paths of several. */
  readonly path: string;
  /** Which of its tests; left out: all. */
  readonly tests?: RegExp;
  readonly reason: string;
}

const NO_SHARED_MEMORY = 'there is no SharedArrayBuffer and no WebAssembly, which the test makes one with';

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
    path: 'webmessaging/broadcastchannel/',
    reason: 'BroadcastChannel is not in the Minimum Common Web API: there is no other context to talk to',
  },
  {
    path: 'html/',
    tests: /^Length-tracking /,
    reason: 'nothing in ECMAScript tells a view that follows the length of its buffer from one that does not',
  },
  {
    path: '',
    tests: /: existence and properties of interface object$/,
    reason: 'a global is an accessor until it is first read, so that its code is loaded then',
  },
];
