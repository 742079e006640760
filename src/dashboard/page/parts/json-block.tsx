import { Text } from './text.tsx';

/** A value as indented JSON. */
export function JsonBlock({ value, label }: { readonly value: unknown; readonly label: string }) {
  return (
    <pre class="block" tabIndex={0} role="region" aria-label={label}>
      <Text of={JSON.stringify(value, undefined, 2)} multiline />
    </pre>
  );
}
