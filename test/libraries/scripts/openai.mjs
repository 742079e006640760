import OpenAI, { toFile } from 'openai';

const failure = ({ name, constructor: { name: kind }, status, message, code }) => ({
  name,
  kind,
  status,
  message,
  code,
});

export default async ({ base }) => {
  const client = new OpenAI({ baseURL: `${base}/v1`, apiKey: 'key-of-the-test', maxRetries: 2 });
  const messages = [{ role: 'user', content: 'What is the price of tea? — ünïcode' }];
  const whole = await client.chat.completions.create({ model: 'small', messages });
  const words = [];
  for await (const chunk of await client.chat.completions.create({ model: 'small', messages, stream: true }))
    words.push(chunk.choices[0].delta.content ?? '');
  const stream = client.chat.completions.stream({ model: 'small', messages });
  const events = [];
  stream.on('content', (delta, snapshot) => events.push([delta, snapshot]));
  const final = await stream.finalContent();
  const pages = [];
  for await (const model of client.models.list()) pages.push(model.id);
  const { data, response } = await client.embeddings.create({ model: 'vectors', input: ['a', 'b'] }).withResponse();
  const file = await client.files.create({
    purpose: 'batch',
    file: await toFile(new Blob(['{"a":1}\n']), 'lines.jsonl', { type: 'application/jsonl' }),
  });
  const controller = new AbortController();
  controller.abort();
  return {
    whole: whole.choices[0].message,
    words,
    events,
    final,
    pages,
    vectors: data.data.map(({ embedding }) => embedding),
    id: response.headers.get('x-request-id'),
    file,
    retried: (await client.chat.completions.create({ model: 'busy', messages })).choices[0].message.content,
    refused: await client.chat.completions.create({ model: 'refused', messages }).catch(failure),
    late: await client.chat.completions
      .create({ model: 'late', messages }, { timeout: 200, maxRetries: 0 })
      .catch(failure),
    aborted: await client.models.list({ signal: controller.signal }).catch(failure),
  };
};
