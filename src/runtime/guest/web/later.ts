/** Modules that are evaluated when a request or response first needs them: few scripts ask for these objects, or give them. */
type Extraction = typeof import('./extract-body.ts');
type OfHeaders = typeof import('./headers.ts');
type Parsing = typeof import('./parse-url.ts');
type RequestSettings = typeof import('./request-settings.ts');
type Signals = typeof import('./abort.ts');

export const extraction = (): Extraction => require('./extract-body.ts') as Extraction;
export const ofHeaders = (): OfHeaders => require('./headers.ts') as OfHeaders;
export const parsing = (): Parsing => require('./parse-url.ts') as Parsing;
export const requestSettings = (): RequestSettings => require('./request-settings.ts') as RequestSettings;
export const signals = (): Signals => require('./abort.ts') as Signals;
