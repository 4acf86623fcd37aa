import { refusalOf } from './s3-signature.js';

/** Key and requests of Amazon's own examples (docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html). */
const KEY = {
  accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
  region: 'us-east-1',
};
const EMPTY = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';
const NOW = new Date('2013-05-24T00:05:00Z');

const authorization = (names: string, signature: string) =>
  `AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request,SignedHeaders=${names},Signature=${signature}`;
const part = {
  method: 'GET',
  url: '/test.txt',
  headers: {
    host: 'examplebucket.s3.amazonaws.com',
    range: 'bytes=0-9',
    'x-amz-content-sha256': EMPTY,
    'x-amz-date': '20130524T000000Z',
    authorization: authorization(
      'host;range;x-amz-content-sha256;x-amz-date',
      'f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41',
    ),
  },
};
const list = {
  method: 'GET',
  url: '/?max-keys=2&prefix=J',
  headers: {
    host: 'examplebucket.s3.amazonaws.com',
    'x-amz-content-sha256': EMPTY,
    'x-amz-date': '20130524T000000Z',
    authorization: authorization(
      'host;x-amz-content-sha256;x-amz-date',
      '34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7',
    ),
  },
};

describe('a request to the S3 of the specs', () => {
  it.each([
    ['a part of an object', part],
    ['a list', list],
  ])('is taken as Amazon documents it: %s', (_, request) => {
    expect(refusalOf(request, KEY, NOW)).toBeUndefined();
  });

  it.each([
    ['of another path', { ...part, url: '/test.txT' }],
    ['of another method', { ...part, method: 'DELETE' }],
    ['of another query', { ...list, url: '/?max-keys=3&prefix=J' }],
    ['of another range', { ...part, headers: { ...part.headers, range: 'bytes=0-99' } }],
  ])('is refused with the signature %s', (_, request) => {
    expect(refusalOf(request, KEY, NOW)).toBe('SignatureDoesNotMatch');
  });

  it('is refused unsigned, with another key or region, too late, and with headers that are not signed', () => {
    const { authorization: _, ...bare } = part.headers;
    const more = { ...part.headers, 'x-amz-acl': 'public-read' };
    expect([
      refusalOf({ ...part, headers: bare }, KEY, NOW),
      refusalOf(part, { ...KEY, accessKeyId: 'OTHER' }, NOW),
      refusalOf(part, { ...KEY, secretAccessKey: 'other' }, NOW),
      refusalOf(part, { ...KEY, region: 'ru-1' }, NOW),
      refusalOf(part, KEY, new Date('2013-05-24T00:16:00Z')),
      refusalOf({ ...part, headers: more }, KEY, NOW),
    ]).toEqual([
      'AccessDenied',
      'InvalidAccessKeyId',
      'SignatureDoesNotMatch',
      'AuthorizationHeaderMalformed',
      'RequestTimeTooSkewed',
      'AccessDenied',
    ]);
  });
});
