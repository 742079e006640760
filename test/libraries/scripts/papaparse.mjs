import Papa from 'papaparse';

const csv = `sku,price,note\nsku-1,1.5,"a ""quoted"", note"\nsku-2,true,\n\nsku-3,1e3,"two\nlines"\n`;

export default () => {
  const rows = [];
  Papa.parse(csv, { header: true, step: ({ data }) => rows.push(data), skipEmptyLines: true });
  const chunks = [];
  Papa.parse('a;b\r\n'.repeat(500), { chunkSize: 512, chunk: ({ data }) => chunks.push(data.length) });
  const aborted = [];
  Papa.parse(csv, {
    step: ({ data }, parser) => {
      aborted.push(data);
      if (aborted.length === 2) parser.abort();
    },
  });
  return {
    typed: Papa.parse(csv, { header: true, dynamicTyping: true, skipEmptyLines: 'greedy' }),
    guessed: Papa.parse('a|b\n1|2'),
    broken: Papa.parse('a,b\n1,"2\n3,4').errors,
    short: Papa.parse('a,b\n1\n1,2,3', { header: true }),
    rows,
    chunks,
    aborted,
    written: Papa.unparse(
      [
        { a: 1, b: 'x,"y"' },
        { a: null, b: new Date(0) },
      ],
      { newline: '\n', quotes: [false, true] },
    ),
    fields: Papa.unparse(
      {
        fields: ['x', 'y'],
        data: [
          [1, '=2'],
          ['é', ' b '],
        ],
      },
      { delimiter: ';', escapeFormulae: true },
    ),
  };
};
