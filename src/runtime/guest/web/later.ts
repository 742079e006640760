/** Modules that are evaluated when a request or response first needs them: few scripts ask for these objects, or give them. */
type OfHeaders = typeof import('./headers.ts');
type Queries = typeof import('./url-search-params.ts');
type RequestSettings = typeof import('./request-settings.ts');
type Signals = typeof import('./abort.ts');

export const ofHeaders = (): OfHeaders => require('./headers.ts') as OfHeaders;
export const queries = (): Queries => require('./url-search-params.ts') as Queries;
export const requestSettings = (): RequestSettings => require('./request-settings.ts') as RequestSettings;
export const signals = (): Signals => require('./abort.ts') as Signals;
