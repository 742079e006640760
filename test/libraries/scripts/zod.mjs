import * as z from 'zod';

const Order = z
  .strictObject({
    id: z.uuid(),
    email: z.email(),
    at: z.iso.datetime(),
    link: z.url(),
    items: z.array(z.object({ sku: z.string().regex(/^sku-\d+$/), qty: z.coerce.number().int().positive() })).min(1),
    kind: z.discriminatedUnion('type', [
      z.object({ type: z.literal('gift'), to: z.string().trim() }),
      z.object({ type: z.literal('own') }),
    ]),
    note: z.string().max(10).optional().default('none'),
    tags: z.record(z.string(), z.boolean()),
  })
  .refine(({ items }) => items.length < 3, { message: 'too many items', path: ['items'] });

const good = {
  id: 'a3bb189e-8bf9-4888-9912-ace4e6543002',
  email: 'a@example.com',
  at: '2026-02-03T04:05:06Z',
  link: 'https://example.com/?a=b',
  items: [{ sku: 'sku-1', qty: '3' }],
  kind: { type: 'gift', to: '  ann ' },
  tags: { new: true },
};

export default async () => {
  const bad = Order.safeParse({ ...good, email: 'nobody', link: 'no url', items: [{ sku: 'x', qty: -1 }], extra: 1 });
  const later = await z
    .string()
    .transform(async (text) => text.length)
    .pipe(z.number().min(3))
    .safeParseAsync('ab');
  return {
    parsed: Order.parse(good),
    issues: bad.error.issues,
    tree: z.treeifyError(bad.error),
    pretty: z.prettifyError(bad.error),
    refined: Order.safeParse({ ...good, items: [1, 2, 3].map((n) => ({ sku: `sku-${n}`, qty: n })) }).error.message,
    later: later.error.issues,
    schema: z.toJSONSchema(z.object({ a: z.int().min(1), b: z.enum(['x', 'y']).optional() })),
    dates: z
      .codec(z.iso.datetime(), z.date(), { decode: (text) => new Date(text), encode: (date) => date.toISOString() })
      .decode('2026-01-01T00:00:00Z'),
    bytes: [...z.util.base64ToUint8Array('aGk=')],
  };
};
