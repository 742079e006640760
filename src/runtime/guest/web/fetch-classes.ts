/** What fetch takes and gives. */
export { Blob, File } from './blob.ts';
export { fetch } from './fetch.ts';
export { FormData } from './form-data.ts';
export { Headers } from './headers.ts';
export { Request } from './request.ts';
export { Response } from './response.ts';
