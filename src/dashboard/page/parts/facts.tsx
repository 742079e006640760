import type { ComponentChildren } from 'preact';
import { Text } from './text.tsx';

export type Fact = readonly [name: string, value: string | ComponentChildren | undefined];

/** Names and values; those without a value are left out. */
export function Facts({ of }: { readonly of: readonly Fact[] }) {
  const known = of.filter(([, value]) => value !== undefined && value !== '');
  return (
    <dl class="facts">
      {known.map(([name, value]) => (
        <div class="fact" key={name}>
          <dt>{name}</dt>
          <dd>{typeof value === 'string' ? <Text of={value} /> : value}</dd>
        </div>
      ))}
    </dl>
  );
}
