/** A Hono application with what applications have: the same is served by Copepod and by @hono/node-server. */
import { Hono } from 'hono';
import { basicAuth } from 'hono/basic-auth';
import { bodyLimit } from 'hono/body-limit';
import { deleteCookie, getCookie, getSignedCookie, setCookie, setSignedCookie } from 'hono/cookie';
import { cors } from 'hono/cors';
import { etag } from 'hono/etag';
import { HTTPException } from 'hono/http-exception';
import { jwt, sign } from 'hono/jwt';
import { poweredBy } from 'hono/powered-by';
import { prettyJSON } from 'hono/pretty-json';
import { secureHeaders } from 'hono/secure-headers';
import { stream, streamSSE, streamText } from 'hono/streaming';
import { validator } from 'hono/validator';

const SECRET = 'it is a secret';

const app = new Hono();

app.use(poweredBy());
app.use('/api/*', secureHeaders());
app.use('/api/*', prettyJSON());
app.use(
  '/cors/*',
  cors({ origin: 'https://shop.example', allowMethods: ['GET', 'PUT'], maxAge: 600, credentials: true }),
);
app.use('/etag/*', etag());
app.use('/admin/*', basicAuth({ username: 'ada', password: 'sesame' }));
app.use('/auth/*', jwt({ secret: SECRET, alg: 'HS256' }));
app.use('/order/*', async (c, next) => {
  c.header('x-order', 'before');
  await next();
  c.res.headers.append('x-order', 'after');
});

app.get('/', (c) => c.text('Hello Hono!'));
app.get('/html', (c) => c.html('<h1>grüße 🐣</h1>'));
app.get('/empty', (c) => c.body(null, 204));
app.get('/redirect', (c) => c.redirect('/elsewhere', 301));
app.get('/order/text', (c) => c.text('in order'));
app.get('/users/:id', (c) => c.json({ id: c.req.param('id') }));
app.get('/users/:id/posts/:post{[0-9]+}', (c) => c.json(c.req.param()));
app.get('/files/*', (c) => c.text(c.req.path));
app.get('/optional/:a?', (c) => c.json({ a: c.req.param('a') ?? null }));
app.get('/query', (c) => c.json({ all: c.req.query(), tags: c.req.queries('tag') ?? [] }));
app.get('/headers', (c) => c.json({ accept: c.req.header('accept') ?? null, x: c.req.header('x-given') ?? null }));
app.post('/echo', async (c) =>
  c.body(await c.req.arrayBuffer(), 200, { 'content-type': c.req.header('content-type') ?? 'x/y' }),
);
app.put('/json', async (c) => c.json({ got: await c.req.json() }, 202));
app.post('/form', async (c) => c.json(await c.req.parseBody({ all: true })));
app.delete('/users/:id', (c) => c.body(null, 204));
app.patch('/users/:id', async (c) => c.json({ id: c.req.param('id'), ...(await c.req.json<object>()) }));
app.all('/any', (c) => c.text(c.req.method));
app.on(['PURGE', 'LINK'], '/odd', (c) => c.text(`odd ${c.req.method}`));
app.post('/limited', bodyLimit({ maxSize: 10 }), async (c) => c.text(await c.req.text()));
app.post(
  '/valid',
  validator('json', (value, c) => (typeof value.name === 'string' ? { name: value.name } : c.text('no name', 400))),
  (c) => c.json(c.req.valid('json')),
);
app.get('/api/list', (c) => c.json([{ a: 1 }, { b: [2, 3] }]));
app.get('/cors/data', (c) => c.json({ ok: true }));
app.get('/etag/text', (c) => c.text('the same each time'));
app.get('/admin/home', (c) => c.text('admin'));
app.get('/auth/me', (c) => c.json(c.get('jwtPayload')));
app.get('/token', async (c) => c.text(await sign({ sub: 'ada', role: 'admin', exp: 4_102_444_800 }, SECRET, 'HS256')));
app.get('/cookie/set', (c) => {
  setCookie(c, 'plain', 'a b', { path: '/', httpOnly: true, sameSite: 'Lax', maxAge: 60 });
  setCookie(c, 'other', '2', { secure: true, partitioned: true });
  return c.text('set');
});
app.get('/cookie/get', (c) => c.json(getCookie(c)));
app.get('/cookie/delete', (c) => {
  deleteCookie(c, 'plain');
  return c.text('deleted');
});
app.get('/cookie/sign', async (c) => {
  await setSignedCookie(c, 'signed', 'value', SECRET);
  return c.text('signed');
});
app.get('/cookie/verify', async (c) => c.json({ signed: (await getSignedCookie(c, SECRET, 'signed')) ?? null }));
app.get('/stream/text', (c) =>
  streamText(c, async (out) => {
    for (const word of ['one', 'two', 'three']) await out.writeln(word);
  }),
);
app.get('/stream/bytes', (c) => {
  c.header('content-type', 'application/octet-stream');
  return stream(c, async (out) => {
    await out.write(new Uint8Array([0, 1, 2, 255]));
    await out.pipe(new Response('and a pipe').body as ReadableStream);
  });
});
app.get('/stream/events', (c) =>
  streamSSE(c, async (out) => {
    for (let id = 0; id < 3; id++) await out.writeSSE({ event: 'tick', id: `${id}`, data: `line ${id}\nand more` });
  }),
);
app.get('/fails', () => {
  throw new HTTPException(418, {
    message: 'teapot',
    res: new Response('I am a teapot', { status: 418, headers: { 'x-pot': 'tea' } }),
  });
});
app.get('/throws', () => {
  throw new Error('unexpected');
});
app.get('/status/:code', (c) => c.text('as asked', Number(c.req.param('code')) as 200));
app.get(
  '/raw',
  () =>
    new Response('raw', {
      status: 299,
      headers: [
        ['a', '1'],
        ['a', '2'],
        ['set-cookie', 'x=1'],
        ['set-cookie', 'y=2'],
      ],
    }),
);

const nested = new Hono();
nested.get('/deep', (c) => c.text(`deep ${c.req.routePath}`));
app.route('/nested', nested);

app.notFound((c) => c.json({ error: 'not found', path: c.req.path }, 404));
app.onError((error, c) =>
  error instanceof HTTPException ? error.getResponse() : c.json({ error: error.message }, 500),
);

export default app;
