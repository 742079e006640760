import { lineOf, type SoakScript, withMarks } from './script.ts';

type Traits = Partial<Omit<SoakScript, 'name' | 'source' | 'hostile'>>;

function benign(name: string, body: string, traits: Traits = {}): SoakScript {
  const source = withMarks(body);
  return { name, hostile: false, language: 'JavaScript', limits: {}, reasons: ['Completed'], ...traits, source };
}

const THROW = "throw new Error('refused ' + params.n);";

/** Well-behaved scripts: each reports the product of `params.a` and `params.b`, or throws where stated. */
export const BENIGN: readonly SoakScript[] = [
  benign('plain script', 'report(params.a * params.b);'),
  benign('module with a function', 'export default ({ a, b }) => report(a * b);'),
  benign('module with a value', 'export default report(params.a * params.b);'),
  benign(
    'top-level await',
    `const factors = await Promise.all([params.a, Promise.resolve(params.b)]);
     export default async () => report(factors.reduce((product, factor) => product * factor, 1));`,
  ),
  benign(
    'TypeScript',
    `type Pair = { readonly a: number; readonly b: number };
     const product = ({ a, b }: Pair): number => a * b;
     export default report(product(params as Pair));`,
    { language: 'TypeScript' },
  ),
  benign(
    'logs',
    `console.log('n is %d', params.n);
     console.warn({ tenant: context.tenant.id, marks: found.length });
     console.table([params]);
     report(params.a * params.b);`,
    { logLines: 3 },
  ),
  benign(
    'some work',
    `const table = new Map(Array.from({ length: 2000 }, (_, index) => [index, String(index)]));
     for (const [index, text] of table) if (Number(text) !== index) throw new Error('arithmetic');
     report([...'x'.repeat(params.a)].length * params.b);`,
  ),
  benign(
    'fetches',
    `const { api, a, b } = params;
     const response = await fetch(api + '/product?a=' + a + '&b=' + b, { headers: { 'x-tenant': context.tenant.id } });
     report((await response.json()).product);`,
  ),
  benign(
    'fetches many',
    `const ask = async (a) => {
       const url = params.api + '/product?a=' + a + '&b=' + params.b;
       return (await (await fetch(url, { headers: { 'x-tenant': context.tenant.id } })).json()).product;
     };
     const products = await Promise.all(Array.from({ length: 20 }, () => ask(params.a)));
     if (new Set(products).size !== 1) throw new Error('answers of another request');
     report(products[0]);`,
  ),
  benign('throws', `if (found.length === 0) ${THROW}\nreport(0);`, {
    reasons: ['RuntimeError'],
    line: lineOf(withMarks(`if (found.length === 0) ${THROW}`), THROW),
  }),
];
