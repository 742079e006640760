// A bare HTTP server: the script is a function of it.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';

let main: (params: unknown) => unknown = () => undefined;

const server = createServer(async (request, response) => {
  const body = JSON.stringify(main(await json(request)));
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) });
  response.end(body);
});
server.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port));
process.on('message', (declarations: string) => {
  main = new Function(`${declarations}\nreturn main;`)() as typeof main;
  process.send?.('ready');
});
process.on('disconnect', () => process.exit());
