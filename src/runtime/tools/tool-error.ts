import type { JsonValue } from '../../api/json.ts';
import { HostError } from '../host-bridge.ts';

/** Codes of errors of tools: `error.code` in scripts. */
export type ToolErrorCode =
  /** It cannot be loaded, or its server is not reached. */
  | 'Unavailable'
  /** No egress rule allows the request. */
  | 'Refused'
  | 'NoSuchFunction'
  | 'InvalidArguments'
  /** The server answered with another status than 2xx. */
  | 'HTTPError'
  /** The tool itself says that it has failed. */
  | 'ToolError'
  /** The answer is not what the protocol or the document says. */
  | 'InvalidAnswer'
  | 'TooLarge';

/** Why a call of a tool fails, or why a tool cannot be loaded. */
export class ToolError extends HostError {
  constructor(code: ToolErrorCode, message: string, data?: JsonValue) {
    super(message, { code, ...(data === undefined ? {} : { data }) });
  }
}
