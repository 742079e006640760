import type { Target } from '../target.ts';
import { frames } from './frames.ts';
import { inlineMaps } from './inline-maps.ts';
import { manifests } from './manifests.ts';
import { podAnswers } from './pod-answers.ts';
import { runRequests } from './run-requests.ts';
import { tokens } from './tokens.ts';

/** Everything that reads what others send. */
export const TARGETS: readonly Target<unknown>[] = [
  manifests,
  runRequests,
  podAnswers,
  frames,
  tokens,
  inlineMaps,
] as never;
