/**
 * A program that embeds a runtime on a kernel that refuses seccomp filters. Its argument is the policy; it prints what
 * happens.
 */
import './deny-seccomp.ts';

const { createRuntime } = await import('../../../src/index.ts');
const warnings: string[] = [];
const runtime = createRuntime({
  pool: { size: 1, spares: 0, seccomp: process.argv[2] as 'Required' | 'IfAvailable' },
  observer: { runsWithoutSeccomp: ({ reason }) => warnings.push(reason) },
});
const ready = await runtime.ready().then(
  () => 'ready',
  (error: Error) => error.message,
);
const { reason, result, error } = await runtime.execute('await new Promise((resolve) => setTimeout(resolve, 1, 42))');
const { containment } = runtime.metrics();
await runtime.close();
process.stdout.write(JSON.stringify({ ready, reason, result, message: error?.message, containment, warnings }));
