/** The interfaces of the web platform. */
export const INTERFACES = [
  'AbortController',
  'AbortSignal',
  'Blob',
  'ByteLengthQueuingStrategy',
  'CompressionStream',
  'CountQueuingStrategy',
  'Crypto',
  'CryptoKey',
  'CustomEvent',
  'DOMException',
  'DecompressionStream',
  'ErrorEvent',
  'Event',
  'EventTarget',
  'File',
  'FormData',
  'Headers',
  'MessageChannel',
  'MessageEvent',
  'MessagePort',
  'Navigator',
  'Performance',
  'PromiseRejectionEvent',
  'QuotaExceededError',
  'ReadableByteStreamController',
  'ReadableStream',
  'ReadableStreamBYOBReader',
  'ReadableStreamBYOBRequest',
  'ReadableStreamDefaultController',
  'ReadableStreamDefaultReader',
  'Request',
  'Response',
  'SubtleCrypto',
  'TextDecoder',
  'TextDecoderStream',
  'TextEncoder',
  'TextEncoderStream',
  'TransformStream',
  'TransformStreamDefaultController',
  'URL',
  'URLPattern',
  'URLSearchParams',
  'WritableStream',
  'WritableStreamDefaultController',
  'WritableStreamDefaultWriter',
] as const;

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

/** A global of the web platform whose code is evaluated when a script first reads it. */
export type WebName = (typeof INTERFACES | typeof MEMBERS | typeof HANDLERS)[number];

/** What the web platform's code is worth: gives each of its globals, and what calls a web handler (serve.ts). */
export type WebGlobals = (name: WebName | 'serve') => unknown;
