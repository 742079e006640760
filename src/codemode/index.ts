export { CopepodExecutor, type CopepodExecutorOptions } from './executor.ts';
export type { ExecuteResult, Executor, ExecutorOptions, ResolvedProvider, ToolFunctions } from './types.ts';
