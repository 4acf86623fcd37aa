import { linkExpiry } from './media.js';

describe('a signed link', () => {
  it.each([
    [
      'of edna',
      'https://files.example.test/a.webp?AWSAccessKeyId=x&Expires=1770715241&Signature=y',
      '2026-02-10T09:20:41Z',
    ],
    [
      'of S3 today',
      'https://s3.example.test/a?X-Amz-Date=20260203T092041Z&X-Amz-Expires=3600&X-Amz-Signature=y',
      '2026-02-03T10:20:41Z',
    ],
  ])('%s says when it stops working', (_, url, at) => {
    expect(linkExpiry(url)).toEqual(new Date(at));
  });

  it.each([
    'https://files.example.test/a.webp',
    'https://files.example.test/a.webp?Expires=soon',
    'https://s3.example.test/a?X-Amz-Expires=3600',
    'no address',
  ])('that does not say it may work for ever: %s', (url) => {
    expect(linkExpiry(url)).toBeUndefined();
  });
});
