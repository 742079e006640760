export type { JsonObject, JsonValue } from './api/json.ts';
export type { EndReason, ErrorType, Reason } from './api/outcome.ts';
export type { ContextInput, ExecutionContext, ExecutionType, TriggeredBy } from './runtime/context.ts';
export { type HostBridge, type HostCall, HostError, type HostFunction } from './runtime/host-bridge.ts';
export type { RuntimeMetrics } from './runtime/metrics.ts';
export { DEFAULT_LIMITS, type RuntimeObserver, type RuntimeOptions } from './runtime/options.ts';
export { createRuntime, Runtime } from './runtime/runtime.ts';
export { type ErrorCause, ScriptError } from './runtime/script-error.ts';
export type * from './runtime/types.ts';
