/** A part of web-platform-tests that the sandbox is tried with. */
export interface Area {
  readonly title: string;
  /** Folders and files of the checkout, without an ending slash. */
  readonly paths: readonly string[];
}

/** The areas of the Minimum Common Web API, without WebAssembly. */
export const AREAS: readonly Area[] = [
  { title: 'URL', paths: ['url'] },
  { title: 'URLPattern', paths: ['urlpattern'] },
  { title: 'encoding', paths: ['encoding'] },
  { title: 'base64', paths: ['html/webappapis/atob'] },
  {
    title: 'structured clone',
    paths: [
      'html/webappapis/structured-clone',
      'html/infrastructure/safe-passing-of-structured-data/messagechannel.any.js',
    ],
  },
  { title: 'abort', paths: ['dom/abort'] },
  { title: 'events', paths: ['dom/events', 'html/webappapis/scripting'] },
  { title: 'messages', paths: ['webmessaging'] },
  { title: 'streams', paths: ['streams'] },
  { title: 'compression', paths: ['compression'] },
  { title: 'Headers', paths: ['fetch/api/headers'] },
  { title: 'Request', paths: ['fetch/api/request', 'fetch/api/abort'] },
  { title: 'Response', paths: ['fetch/api/response', 'fetch/api/body'] },
  { title: 'data: URLs', paths: ['fetch/data-urls'] },
  { title: 'FormData', paths: ['xhr/formdata'] },
  { title: 'Blob and File', paths: ['FileAPI/blob', 'FileAPI/file'] },
  { title: 'Web Cryptography', paths: ['WebCryptoAPI'] },
  { title: 'timers', paths: ['html/webappapis/timers', 'html/webappapis/microtask-queuing'] },
  { title: 'performance', paths: ['hr-time'] },
  { title: 'console', paths: ['console'] },
  { title: 'navigator', paths: ['html/webappapis/system-state-and-capabilities'] },
];
