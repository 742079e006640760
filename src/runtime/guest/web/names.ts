/**
 * The interfaces of the web platform, by the areas of its code. Each area but `core` is evaluated when a script first reads one of
 * its names.
 */
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
    'QuotaExceededError',
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
  compression: ['CompressionStream', 'DecompressionStream'],
  patterns: ['URLPattern'],
  crypto: ['CryptoKey', 'SubtleCrypto'],
  messages: ['MessageChannel', 'MessageEvent', 'MessagePort'],
  events: ['ErrorEvent', 'PromiseRejectionEvent'],
  fetch: ['Blob', 'File', 'FormData', 'Headers', 'Request', 'Response'],
} as const;

/** The timers, which are there at once: their code is small. */
export const TIMERS = ['setTimeout', 'setInterval', 'clearTimeout', 'clearInterval', 'queueMicrotask'] as const;

/** Globals that are functions or objects. */
export const MEMBERS = [
  'addEventListener',
  'atob',
  'btoa',
  'crypto',
  'dispatchEvent',
  'fetch',
  'navigator',
  'performance',
  'removeEventListener',
  'reportError',
  'structuredClone',
  'tracing',
] as const;

/** Handlers of the global object's events. */
export const HANDLERS = ['onerror', 'onrejectionhandled', 'onunhandledrejection'] as const;

/** A global of the web platform whose code is loaded when a script first reads it. */
export type WebName =
  | 'crypto.subtle'
  /** Not a global: calls a web handler (serve.ts). */
  | 'serve'
  | (typeof AREAS)[keyof typeof AREAS][number]
  | (typeof MEMBERS)[number]
  | (typeof HANDLERS)[number];

/** What the web platform's bundle is worth: gives each of its globals. */
export type WebGlobals = (name: WebName) => unknown;
