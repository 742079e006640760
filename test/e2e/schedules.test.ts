import { beforeAll, expect, test } from '@jest/globals';
import type { ScriptExecution, ScriptSchedule } from '../../src/api/types.generated.ts';
import { manifestsIn } from './support/example-files.ts';
import { useNamespace } from './support/namespace.ts';
import { hasEnded, reasonOf } from './support/objects.ts';

const namespace = useNamespace('schedules');
beforeAll(async () => {
  await namespace.runtime({ pool: { size: 2 } });
});

/** Starts a schedule by its annotation, and waits until the execution has finished. */
async function trigger(name: string): Promise<ScriptExecution> {
  await namespace.kubectl('annotate', 'scriptschedule', name, 'copepod.dev/trigger=now');
  return await namespace.until(`ScriptSchedule ${name} to have run`, async () => {
    const [found] = await namespace.list<ScriptExecution>('scriptexecutions', '-l', `copepod.dev/schedule=${name}`);
    return found !== undefined && hasEnded(found) ? found : undefined;
  });
}

test('the examples of schedules, started by hand', async () => {
  const manifests = manifestsIn('examples').filter(({ kind }) => kind === 'ScriptSchedule');
  await namespace.apply(manifests);
  const names = manifests.map(({ metadata }) => metadata.name).sort();
  expect(names).toEqual(['hourly-check', 'nightly-report']);
  const executions = await Promise.all(names.map(trigger));
  expect(executions.map(reasonOf)).toEqual(['Completed', 'Completed']);

  const [{ status, metadata }] = executions as [ScriptExecution, ScriptExecution];
  const scheduledTime = metadata.annotations?.['copepod.dev/scheduled-time'] ?? '';
  expect(status.result).toEqual({ cron: '15 * * * *', hour: new Date(scheduledTime).getUTCHours() });
  expect(status.logs?.map(({ message }) => message)).toEqual(['checked']);
  const schedule = await namespace.get<ScriptSchedule>('scriptschedule', 'hourly-check');
  expect(schedule.status.nextScheduleTime).toMatch(/:15:00Z$/);
});
