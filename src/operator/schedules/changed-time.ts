import type { KubeObject } from '../../kube/object.ts';

const FIELDS = ['f:schedule', 'f:timeZone'];

/**
 * When a client has last set the schedule or the time zone of a ScriptSchedule, in milliseconds since the epoch: by
 * `metadata.managedFields`, which the API server keeps, to the second. A client that has set them and then another field
 * has one time for both, the later one. Undefined where nothing tells.
 */
export function scheduleChangedMs({ metadata }: KubeObject): number | undefined {
  const times = (metadata.managedFields ?? [])
    .filter(({ fieldsV1 }) => {
      const spec = fieldsV1?.['f:spec'];
      return typeof spec === 'object' && spec !== null && FIELDS.some((field) => field in spec);
    })
    .map(({ time }) => Date.parse(time ?? ''))
    .filter(Number.isFinite);
  return times.length === 0 ? undefined : Math.max(...times);
}
