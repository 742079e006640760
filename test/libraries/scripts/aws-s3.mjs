import {
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';

export default async ({ base }) => {
  const client = new S3Client({
    region: 'eu-central-1',
    endpoint: base,
    forcePathStyle: true,
    credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret-of-the-test' },
  });
  const of = { Bucket: 'orders', Key: 'a b/ü.json' };
  const signed = await getSignedUrl(client, new GetObjectCommand(of), { expiresIn: 60, signingDate: new Date(1e12) });
  const put = await client.send(
    new PutObjectCommand({ ...of, Body: '{"a":1}', ContentType: 'application/json', Metadata: { by: 'test' } }),
  );
  const got = await client.send(new GetObjectCommand(of));
  const head = await client.send(new HeadObjectCommand(of));
  const list = await client.send(new ListObjectsV2Command({ Bucket: 'orders', Prefix: 'a b/', MaxKeys: 2 }));
  const missing = await client
    .send(new GetObjectCommand({ Bucket: 'orders', Key: 'none' }))
    .catch(({ name, message, $metadata }) => ({ name, message, status: $metadata?.httpStatusCode }));
  return {
    signed: signed.replace(base, ''),
    put: put.ETag,
    got: [await got.Body.transformToString(), got.ContentType, got.Metadata],
    head: [head.ContentLength, head.ETag],
    list: list.Contents,
    missing,
  };
};
