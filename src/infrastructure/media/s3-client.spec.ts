import { GetObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { s3Client } from './s3-client.js';

const KEYS = {
  name: 'copies',
  accessKeyId: 'spec-key',
  secretAccessKey: 'spec-secret',
  prefix: '',
};

/** Where a request would go. */
async function placeOf(client: S3Client): Promise<string> {
  const sent: { protocol: string; hostname: string; path: string }[] = [];
  client.middlewareStack.add(
    () => async (args) => {
      sent.push(args.request as (typeof sent)[number]);
      throw new Error('not sent');
    },
    { step: 'finalizeRequest', priority: 'low' },
  );
  const asked = client.send(new GetObjectCommand({ Bucket: 'copies', Key: 'a/b' }));
  await expect(asked).rejects.toThrow('not sent');
  return sent.map(({ protocol, hostname, path }) => `${protocol}//${hostname}${path}`).join();
}

describe('a request to S3', () => {
  it.each([
    ['Amazon’s by the region', undefined, 'https://copies.s3.eu-central-1.amazonaws.com/a/b'],
    ['a server’s by its address', 'http://10.0.0.5:9000', 'http://10.0.0.5/copies/a/b'],
    ['a server’s behind a path', 'https://x.test/v1/s3', 'https://x.test/v1/s3/copies/a/b'],
  ])('goes to %s', async (_, endpoint, place) => {
    const client = s3Client({ ...KEYS, region: 'eu-central-1', endpoint }, { connectMs: 100 });
    expect(await placeOf(client)).toBe(place);
    client.destroy();
  });
});
