#!/usr/bin/env bash
# @aws-sdk/client-s3 3.1169.0 (with @aws-sdk/xml-builder 3.972.43), bundled by esbuild 0.28.2 as edge workers are: platform `browser`,
# conditions `worker` and `browser`.
#
# Expected: the build for browsers runs where there is fetch and Web Crypto, as in workers; a missing key is the error NoSuchKey.
# What happens: the `browser` field of xml-builder replaces its own XML parser, which needs nothing, by one that calls `new DOMParser()`. A
# worker has none. Uploads and downloads work, so it goes unseen until an answer is XML: each error of the service, and each list, is a
# ReferenceError. A program that looks at `error.name` takes a missing key, or a wrong credential, for a defect of its own.
# The same bundle with that one file kept gives NoSuchKey and the list.
#
# Output seen:
#   as published: get of a key: the body
#   as published: get of a missing key: ReferenceError
#   as published: list: ReferenceError
#   with its own parser: get of a key: the body
#   with its own parser: get of a missing key: NoSuchKey
#   with its own parser: list: 1 key
# Exits with 1 if that changes. Needs npm and a registry, and Node 20 or later.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
directory=$(mktemp -d)
trap 'rm -rf "$directory"' EXIT
cd "$directory"
cat >package.json <<'JSON'
{ "private": true, "type": "module", "dependencies": { "@aws-sdk/client-s3": "3.1169.0", "@aws-sdk/xml-builder": "3.972.43", "esbuild": "0.28.2" } }
JSON
timeout -k 5 180 npm install --no-audit --no-fund --no-package-lock --loglevel=error >&2
cat >script.js <<'JS'
import { GetObjectCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';

export async function run(endpoint) {
  const credentials = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'example' };
  const client = new S3Client({ region: 'eu-central-1', endpoint, forcePathStyle: true, credentials, maxAttempts: 1 });
  const said = async (promise) => promise.catch((error) => error.name);
  const get = (Key) => client.send(new GetObjectCommand({ Bucket: 'b', Key })).then(({ Body }) => Body.transformToString());
  const list = () => client.send(new ListObjectsV2Command({ Bucket: 'b' })).then(({ KeyCount }) => `${KeyCount} key`);
  return [await said(get('there')), await said(get('missing')), await said(list())];
}
JS
cat >finding.mjs <<'JS'
import { createServer } from 'node:http';
import { build } from 'esbuild';

const ownParser = {
  name: 'own parser',
  setup: ({ onResolve }) =>
    onResolve({ filter: /^\.\/xml-parser$/ }, ({ resolveDir }) => ({ path: `${resolveDir}/xml-parser.js` })),
};
const server = createServer(({ url }, response) => {
  if (url.startsWith('/b/there')) return response.end('the body');
  const isList = url.startsWith('/b/?') || url.startsWith('/b?');
  response.writeHead(isList ? 200 : 404, { 'content-type': 'application/xml' });
  response.end(
    isList
      ? '<ListBucketResult><KeyCount>1</KeyCount></ListBucketResult>'
      : '<Error><Code>NoSuchKey</Code><Message>There is none.</Message></Error>',
  );
});
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
const endpoint = `http://127.0.0.1:${server.address().port}`;
for (const [name, plugins] of [['as published', []], ['with its own parser', [ownParser]]]) {
  const outfile = `${process.cwd()}/${name.replaceAll(' ', '-')}.mjs`;
  await build({
    entryPoints: ['script.js'], bundle: true, outfile, plugins, format: 'esm', platform: 'browser', conditions: ['worker', 'browser'],
    mainFields: ['browser', 'module', 'main'], logLevel: 'error',
  });
  const { run } = await import(outfile);
  const [there, missing, list] = await run(endpoint);
  console.log(`${name}: get of a key: ${there}\n${name}: get of a missing key: ${missing}\n${name}: list: ${list}`);
}
server.close();
JS
timeout -k 2 60 node finding.mjs | tee seen
# The expected output is the one in the header.
sed -n '/^# Output seen/,/^# Exits/{s/^#   //p}' "$here/aws-sdk-in-workers.sh" | diff - seen
