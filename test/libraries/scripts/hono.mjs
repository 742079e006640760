import { Hono } from 'hono';
import { getCookie, setCookie } from 'hono/cookie';
import { HTTPException } from 'hono/http-exception';
import { jwt, sign } from 'hono/jwt';
import { streamText } from 'hono/streaming';
import { validator } from 'hono/validator';

const SECRET = 'not-a-secret-of-anything';

const app = new Hono();
app.use('*', async (context, next) => {
  await next();
  context.header('x-path', context.req.path);
});
app.use('/private/*', jwt({ secret: SECRET, alg: 'HS256' }));
app.get('/private/who', (context) => context.json(context.get('jwtPayload')));
app.get('/orders/:id{[0-9]+}', (context) =>
  context.json({ id: context.req.param('id'), all: context.req.queries('tag') }),
);
app.post(
  '/orders',
  validator('json', (value, context) => (value.qty > 0 ? value : context.text('qty is not positive', 422))),
  (context) => context.json(context.req.valid('json'), 201, { location: '/orders/7' }),
);
app.post('/form', async (context) => {
  const { note, file } = await context.req.parseBody();
  return context.json({ note, name: file.name, type: file.type, text: await file.text() });
});
app.get('/cookie', (context) => {
  setCookie(context, 'seen', 'yes', { httpOnly: true, sameSite: 'Lax', maxAge: 60 });
  return context.text(getCookie(context, 'from') ?? 'none');
});
app.get('/stream', (context) =>
  streamText(context, async (stream) => {
    for (const word of ['one ', 'two ', 'three']) await stream.write(word);
  }),
);
app.get('/teapot', () => {
  throw new HTTPException(418, { message: 'short and stout' });
});
app.get('/fails', () => {
  throw new RangeError('out of stock');
});
app.onError((error, context) =>
  error instanceof HTTPException ? error.getResponse() : context.json({ error: error.message }, 500),
);

const shown = async (response) => ({
  status: response.status,
  headers: [...response.headers].filter(([name]) => name !== 'date'),
  body: await response.text(),
});

export default async () => {
  const form = new FormData();
  form.append('note', 'grüße');
  form.append('file', new File(['a,b\n1,2\n'], 'table.csv', { type: 'text/csv' }));
  const token = await sign({ sub: 'acme', exp: 4_102_444_800 }, SECRET);
  const json = { method: 'POST', headers: { 'content-type': 'application/json' } };
  const requests = [
    ['/orders/12?tag=a&tag=b%20c'],
    ['/orders/twelve'],
    ['/orders', { ...json, body: '{"qty":2}' }],
    ['/orders', { ...json, body: '{"qty":0}' }],
    ['/orders', { ...json, body: '{"qty":' }],
    ['/form', { method: 'POST', body: form }],
    ['/cookie', { headers: { cookie: 'from=here; b=c' } }],
    ['/stream'],
    ['/teapot'],
    ['/fails'],
    ['/private/who'],
    ['/private/who', { headers: { authorization: `Bearer ${token}` } }],
    ['/private/who', { headers: { authorization: `Bearer ${token.slice(0, -3)}AAA` } }],
    [new Request('http://api.example/orders/5', { method: 'HEAD' })],
  ];
  const answers = [];
  for (const [input, init] of requests) answers.push(await shown(await app.request(input, init)));
  return answers;
};
