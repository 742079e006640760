import type { ScriptError } from '../../runtime/script-error.ts';
import { concealed } from '../input/concealed.ts';
import { engineScript } from '../input/engine-script.ts';
import { bundledPosition, placeIn, textOf } from '../input/script-text.ts';
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
  const [{ Runtime }, errors] = await Promise.all([
    import('../../runtime/runtime.ts'),
    import('../../runtime/script-error.ts'),
  ]);
  const size = Math.min(MAX_SANDBOXES, Math.ceil(tasks.length / SCRIPTS_PER_SANDBOX));
  await using runtime = new Runtime({ pool: { size, lazy: true, spares: 0, seccomp: 'IfAvailable' } });
  signal.addEventListener('abort', () => void runtime.close(), { once: true });
  const problems = await Promise.all(
    tasks.map(async ({ script }) => {
      try {
        const source = engineScript(script);
        await runtime.compile(source, script.imported?.read);
        return undefined;
      } catch (error) {
        if (signal.aborted) return undefined;
        if (!(error instanceof errors.ScriptError)) throw error;
        return problemOf(concealed(error, script), script, colours);
      }
    }),
  );
  return problems.filter((problem) => problem !== undefined);
}

function problemOf(
  { message, file, line, column }: Pick<ScriptError, 'message' | 'file' | 'line' | 'column'>,
  script: Task['script'],
  colours: boolean,
): ShownProblem {
  const written = { file, line: line ?? 1, column: column ?? 1 };
  const at = bundledPosition(script, written) ?? written;
  const text = textOf(script, at.file);
  const { approximate, imported: _, ...place } = placeIn(script, at.line, at.column, at.file);
  const inScript = line !== undefined && approximate ? ` (line ${at.line}, column ${at.column} of the script)` : '';
  const frame =
    line === undefined || script.linked || text === undefined
      ? undefined
      : codeFrame(text, column === undefined ? { line } : at, colours);
  return { ...place, message: `${message}${inScript}`, frame };
}
