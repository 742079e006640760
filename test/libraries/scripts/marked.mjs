import { Marked, marked } from 'marked';

const text = `# Order *7* <b>

| sku | qty |
|:----|----:|
| tea | **2** |

1. one
   - [x] done
   - [ ] \`open\`

\`\`\`js
if (a < b) c && d;
\`\`\`

> quoted [link](https://example.com/?a=1&b=2 "title") ~~gone~~

https://example.org/ü and a\\*b  
next ![image](a.png)
`;

export default async () => {
  const own = new Marked({
    async: true,
    extensions: [
      {
        name: 'sku',
        level: 'inline',
        start: (source) => source.indexOf('#'),
        tokenizer(source) {
          const match = /^#(\d+)/.exec(source);
          return match ? { type: 'sku', raw: match[0], number: match[1] } : undefined;
        },
        renderer: ({ number }) => `<a href="/sku/${number}">${number}</a>`,
      },
    ],
    walkTokens: async (token) => {
      if (token.type === 'strong') token.text = (await Promise.resolve(token.text)).toUpperCase();
    },
    renderer: { heading: ({ tokens, depth }) => `<h${depth + 1}>${tokens.length}</h${depth + 1}>\n` },
  });
  return {
    html: marked.parse(text),
    breaks: marked.parse('a\nb', { breaks: true, gfm: true }),
    inline: marked.parseInline('*a* <i>'),
    tokens: marked.lexer('- a\n- b\n').map(({ type, raw }) => [type, raw]),
    own: await own.parse(`# A b\n\n#12 and **bold**`),
  };
};
