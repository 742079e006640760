import type { Schedule } from './schedule.ts';

/** Schedules that broke earlier versions of the protocol. */
export const ONCE_BROKEN: Readonly<Record<string, Schedule>> = {
  'a request arrives 48 s late at a pod whose clock is 9 s behind': {
    seed: 0,
    clockSkewS: -9,
    moments: [
      { after: 0, event: { kind: 'create', script: 'quick', backoffLimit: 0 } },
      { after: 0, event: { kind: 'destine', channel: 'pod run', fate: { kind: 'request late', ms: 48_000 } } },
      { after: 0, event: { kind: 'pod is full', pod: 0, ms: 44_000 } },
    ],
  },
  'a new leader with a stale cache finds an outcome of an unknown execution': {
    seed: 0,
    clockSkewS: 0,
    moments: [
      { after: 0, event: { kind: 'watches lag', operator: 1, ms: 22_000 } },
      { after: 0, event: { kind: 'create', script: 'quick', backoffLimit: 0 } },
      { after: 8, event: { kind: 'operator crashes', operator: 0, ms: 300 } },
    ],
  },
  'a refused leader releases its claim after the next leader has sent the run again': {
    seed: 0,
    clockSkewS: 0,
    moments: [
      { after: 0, event: { kind: 'create', script: 'long', backoffLimit: 0 } },
      { after: 0, event: { kind: 'pod is full', pod: 0, ms: 300 } },
      { after: 5, event: { kind: 'destine', channel: 'api write', fate: { kind: 'request late', ms: 36_000 } } },
      { after: 5, event: { kind: 'operator crashes', operator: 0, ms: 300 } },
    ],
  },
  'a list from before a claim arrives after it, and the cache goes back in time': {
    seed: 0,
    clockSkewS: 0,
    moments: [
      { after: 0, event: { kind: 'create', script: 'long', backoffLimit: 2 } },
      { after: 8, event: { kind: 'destine', channel: 'api list', fate: { kind: 'answer late', ms: 22_000 } } },
      { after: 0, event: { kind: 'pod crashes', pod: 0, ms: 300 } },
      { after: 0, event: { kind: 'watches break', operator: 2, ms: 300 } },
    ],
  },
};
