import type { JsonObject } from '../../api/json.ts';

/** Name of the one tool. */
export const TOOL = 'execute';

/** Maximum length of the code, in UTF-16 code units: that of `spec.source`. */
export const MAX_CODE_LENGTH = 262_144;

/** A call of the tool. */
export interface ToolCall {
  /** JSON-RPC id of the request. */
  readonly id: string | number;
  /** Aborted when the client cancels the call, or is gone. */
  readonly signal: AbortSignal;
  /** W3C Trace Context in the request's `_meta`, unchecked. */
  readonly traceparent?: string | undefined;
  readonly tracestate?: string | undefined;
}

/** How the code ended: the `structuredContent` of a result. */
export interface ToolOutcome {
  readonly isError: boolean;
  readonly content: JsonObject;
}

/** The tool, for the client of one request or connection. */
export interface ExecuteTool {
  /** Version of this program. */
  readonly version: string;
  /** What a model reads of the tool. */
  readonly description: string;
  /** Executes code. Never rejects. */
  execute(code: string, call: ToolCall): Promise<ToolOutcome>;
}

/** JSON Schema of the tool's arguments. */
export const INPUT_SCHEMA = {
  type: 'object',
  properties: {
    code: { type: 'string', minLength: 1, maxLength: MAX_CODE_LENGTH, description: 'TypeScript or JavaScript' },
  },
  required: ['code'],
  additionalProperties: false,
} as const;

const COUNT = { type: 'number', minimum: 0 } as const;

/** JSON Schema of the tool's `structuredContent`. */
export const OUTPUT_SCHEMA = {
  type: 'object',
  properties: {
    reason: { type: 'string', description: 'Completed, or why it failed: RuntimeError, TimeoutExceeded, ...' },
    result: { description: 'What the code gave, as JSON; absent where that was undefined' },
    logs: {
      type: 'array',
      description: 'What the code wrote to its console',
      items: {
        type: 'object',
        properties: { level: { type: 'string' }, message: { type: 'string' } },
        required: ['level', 'message'],
      },
    },
    error: {
      type: 'object',
      description: 'Absent where the code completed',
      properties: {
        type: { type: 'string' },
        message: { type: 'string' },
        file: { type: 'string' },
        line: { type: 'number', description: 'Of the code, from 1' },
        column: { type: 'number', description: 'Of that line, from 1' },
        retryable: { type: 'boolean', description: 'Whether the same code may succeed if it is executed again' },
      },
      required: ['type', 'message', 'retryable'],
    },
    usage: {
      type: 'object',
      properties: {
        cpuMilliseconds: COUNT,
        wallMilliseconds: COUNT,
        peakHeapBytes: COUNT,
        apiCalls: { ...COUNT, description: 'Calls of host functions and of fetch' },
        fetches: COUNT,
        fetchBytesSent: COUNT,
        fetchBytesReceived: COUNT,
      },
    },
  },
  required: ['reason', 'logs'],
} as const;
