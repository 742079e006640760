import { concealed } from '../input/concealed.ts';
import type { Task } from '../input/workload.ts';
import { codeFrame } from '../output/code-frame.ts';
import type { ShownProblem } from '../output/problems.ts';

/** Sandboxes to compile in: parsing is quick, and starting one more takes longer than waiting for it. */
const MAX_SANDBOXES = 2;
const SCRIPTS_PER_SANDBOX = 20;

/** Compiles every script in a sandbox, and says which do not compile, and where in their files. */
export async function compileProblems(
  tasks: readonly Task[],
  signal: AbortSignal,
  colours: boolean,
): Promise<ShownProblem[]> {
  if (tasks.length === 0) return [];
  const [{ Runtime }, { ScriptError }] = await Promise.all([
    import('../../runtime/runtime.ts'),
    import('../../runtime/script-error.ts'),
  ]);
  const size = Math.min(MAX_SANDBOXES, Math.ceil(tasks.length / SCRIPTS_PER_SANDBOX));
  await using runtime = new Runtime({ pool: { size, lazy: true, spares: 0, seccomp: 'IfAvailable' } });
  signal.addEventListener('abort', () => void runtime.close(), { once: true });
  const problems = await Promise.all(
    tasks.map(async ({ script, execution }) => {
      const extension = execution.spec.language === 'TypeScript' && !/\.m?ts$/.test(script.name) ? '.ts' : '';
      try {
        await runtime.compile(`${script.name}${extension}`, script.source);
        return undefined;
      } catch (error) {
        if (signal.aborted) return undefined;
        if (!(error instanceof ScriptError)) throw error;
        return problemOf(concealed(error, script), script, colours);
      }
    }),
  );
  return problems.filter((problem) => problem !== undefined);
}

function problemOf(
  { message, line, column }: { message: string; line: number | undefined; column: number | undefined },
  script: Task['script'],
  colours: boolean,
): ShownProblem {
  const { approximate, ...place } = script.locate(line ?? 1, column ?? 1);
  const inScript = line !== undefined && approximate ? ` (line ${line}, column ${column ?? 1} of the script)` : '';
  const frame = line === undefined || script.linked ? undefined : codeFrame(script.source, { line, column }, colours);
  return { ...place, message: `${message}${inScript}`, frame };
}
