const MAX_LENGTH = 400;

/** A value for a message: JSON where it is that, with what JSON leaves out. */
export function show(value: unknown): string {
  const text = shown(value, []);
  return text.length > MAX_LENGTH ? `${text.slice(0, MAX_LENGTH)}…` : text;
}

function shown(value: unknown, around: readonly unknown[]): string {
  if (typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'bigint') return `${value}n`;
  if (typeof value === 'function') return `[Function ${value.name || 'anonymous'}]`;
  if (Object.is(value, -0)) return '-0';
  if (typeof value !== 'object' || value === null) return String(value);
  if (around.includes(value)) return '[Circular]';
  const inside = [...around, value];
  if (Array.isArray(value)) return `[${value.map((item) => shown(item, inside)).join(', ')}]`;
  if (value instanceof Error) return `[${value.name}: ${value.message}]`;
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'Invalid Date' : value.toISOString();
  if (value instanceof RegExp) return String(value);
  if (value instanceof Map || value instanceof Set) {
    return `${value.constructor.name} ${shown([...value], inside)}`;
  }
  const members = Object.entries(value).map(([key, item]) => `${JSON.stringify(key)}: ${shown(item, inside)}`);
  return members.length === 0 ? '{}' : `{ ${members.join(', ')} }`;
}
