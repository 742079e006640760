import { formatAge } from '../../api/age.ts';

/** An age for a cell: `3m`. Pure. @param ms milliseconds */
export const ageText = (ms: number): string => formatAge(ms) ?? '–';

/** `850 ms`, `1.2 s`, `3 min 20 s`. Pure. */
export function durationText(ms: number): string {
  if (!Number.isFinite(ms)) return '–';
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${trimmed(ms / 1000)} s`;
  const minutes = Math.floor(ms / 60_000);
  const seconds = Math.floor((ms % 60_000) / 1000);
  if (minutes < 60) return seconds === 0 ? `${minutes} min` : `${minutes} min ${seconds} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

const UNITS = ['B', 'KiB', 'MiB', 'GiB'];

/** `512 B`, `1.5 MiB`. Pure. */
export function bytesText(bytes: number): string {
  let [value, unit] = [bytes, 0];
  while (value >= 1024 && unit < UNITS.length - 1) [value, unit] = [value / 1024, unit + 1];
  return `${trimmed(value)} ${UNITS[unit]}`;
}

/** `12,345`. Pure. */
export const countText = (count: number): string => count.toLocaleString('en');

/** `1 pod`, `2 pods`. Pure. */
export const counted = (count: number, noun: string): string => `${countText(count)} ${noun}${count === 1 ? '' : 's'}`;

const trimmed = (value: number): string => value.toFixed(value < 10 ? 1 : 0).replace(/\.0$/, '');

/** A time in the viewer's time zone, to the second. */
export function timeText(time: string): string {
  const at = new Date(time);
  if (Number.isNaN(at.getTime())) return '–';
  const day = at.toLocaleDateString('en-CA');
  return `${day} ${at.toLocaleTimeString('en-GB')}`;
}

/** The clock of a time, to the millisecond. */
export function clockText(time: string): string {
  const at = new Date(time);
  if (Number.isNaN(at.getTime())) return '';
  return `${at.toLocaleTimeString('en-GB')}.${String(at.getMilliseconds()).padStart(3, '0')}`;
}
