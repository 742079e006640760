import { formatAge } from '../../api/age.ts';

/** An age for sentences and tables: `3m`. */
export const ageText = (ms: number): string => formatAge(ms) ?? 'an unknown time';
