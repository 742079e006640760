import type { HANDLERS, WebName } from './names.ts';

/** What modules export: a global, or what calls a web handler. */
export type Exported = Exclude<WebName, (typeof HANDLERS)[number]> | 'serve';

/** The module of this folder that exports it. */
export function moduleOf(name: Exported): string {
  switch (name) {
    case 'Response':
      return 'response';
    case 'serve':
      return 'serve';
    case 'Headers':
      return 'headers';
    case 'Request':
      return 'request';
    case 'fetch':
      return 'fetch';
    case 'URL':
      return 'url';
    case 'URLSearchParams':
      return 'url-search-params';
    case 'URLPattern':
      return 'url-pattern';
    case 'TextDecoder':
    case 'TextEncoder':
      return 'encoding';
    case 'TextDecoderStream':
    case 'TextEncoderStream':
      return 'text-streams';
    case 'atob':
    case 'btoa':
      return 'base64';
    case 'Blob':
    case 'File':
      return 'blob';
    case 'FormData':
      return 'form-data';
    case 'Crypto':
    case 'crypto':
      return 'crypto';
    case 'CryptoKey':
      return 'crypto-key';
    case 'SubtleCrypto':
      return 'subtle-crypto';
    case 'AbortController':
    case 'AbortSignal':
      return 'abort';
    case 'CustomEvent':
    case 'Event':
      return 'event';
    case 'EventTarget':
      return 'event-target';
    case 'DOMException':
    case 'QuotaExceededError':
      return 'dom-exception';
    case 'ErrorEvent':
    case 'PromiseRejectionEvent':
    case 'addEventListener':
    case 'dispatchEvent':
    case 'removeEventListener':
      return 'global-events';
    case 'MessageChannel':
    case 'MessageEvent':
    case 'MessagePort':
      return 'message-port';
    case 'structuredClone':
      return 'structured-clone';
    case 'CompressionStream':
    case 'DecompressionStream':
      return 'compression-streams';
    case 'Navigator':
    case 'navigator':
      return 'navigator';
    case 'Performance':
    case 'performance':
      return 'performance';
    case 'reportError':
      return 'report-error';
    case 'tracing':
      return 'tracing';
    default:
      return streams(name);
  }
}

/** The rest are the Streams standard's. */
function streams(_name: `${string}Stream${string}` | `${string}Strategy` | `ReadableByte${string}`): 'streams' {
  return 'streams';
}
