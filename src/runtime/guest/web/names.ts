/** The areas of the web platform's code; each but `core` is evaluated when a script first reads one of its names. */
export const AREAS = {
  core: [
    'AbortController',
    'AbortSignal',
    'Crypto',
    'CustomEvent',
    'DOMException',
    'Event',
    'EventTarget',
    'Navigator',
    'Performance',
    'TextDecoder',
    'TextEncoder',
    'URL',
    'URLSearchParams',
  ],
  streams: [
    'ByteLengthQueuingStrategy',
    'CountQueuingStrategy',
    'ReadableByteStreamController',
    'ReadableStream',
    'ReadableStreamBYOBReader',
    'ReadableStreamBYOBRequest',
    'ReadableStreamDefaultController',
    'ReadableStreamDefaultReader',
    'TransformStream',
    'TransformStreamDefaultController',
    'WritableStream',
    'WritableStreamDefaultController',
    'WritableStreamDefaultWriter',
  ],
  textStreams: ['TextDecoderStream', 'TextEncoderStream'],
  fetch: ['Blob', 'File', 'FormData', 'Headers', 'Request', 'Response'],
} as const;

/** Globals that are interfaces: as WebIDL says, a loop over the global object does not see them. */
export const INTERFACES = [...AREAS.core, ...AREAS.streams, ...AREAS.textStreams, ...AREAS.fetch] as const;

/** The timers, which are there at once: their code is small. */
export const TIMERS = ['setTimeout', 'setInterval', 'clearTimeout', 'clearInterval', 'queueMicrotask'] as const;

/** Globals that are functions or objects. */
export const MEMBERS = ['atob', 'btoa', 'crypto', 'navigator', 'performance', 'reportError'] as const;

type Name = (typeof INTERFACES)[number] | (typeof MEMBERS)[number];

/** What the web platform's bundle is worth: gives each of its globals. */
export type WebGlobals = (name: Name) => unknown;
export type WebName = Name;
