import { ApiError, TransportError } from '../kube/api-error.ts';
import type { Failure } from './messages.ts';

/** A request that the dashboard does not take. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly code: number;
  readonly reason: string;

  constructor(code: number, reason: string, message: string) {
    super(message);
    this.code = code;
    this.reason = reason;
  }
}

export const unauthorized = (message: string): Refusal => new Refusal(401, 'Unauthorized', message);
export const forbidden = (message: string): Refusal => new Refusal(403, 'Forbidden', message);
export const badRequest = (message: string): Refusal => new Refusal(400, 'BadRequest', message);
export const notFound = (message: string): Refusal => new Refusal(404, 'NotFound', message);
export const tooManyRequests = (message: string): Refusal => new Refusal(429, 'TooManyRequests', message);
export const unavailable = (message: string): Refusal => new Refusal(503, 'ServiceUnavailable', message);
export const conflict = (message: string): Refusal => new Refusal(409, 'Conflict', message);

/** The answer for an error; undefined if it is a bug. Pure. */
export function failureOf(error: unknown): Failure | undefined {
  if (error instanceof Refusal) {
    return { from: 'dashboard', code: error.code, reason: error.reason, message: error.message };
  }
  if (error instanceof ApiError) {
    return { from: 'cluster', code: error.status, reason: error.reason, message: error.message };
  }
  if (error instanceof TransportError) {
    return { from: 'cluster', code: 0, reason: error.code, message: error.message };
  }
  return undefined;
}
