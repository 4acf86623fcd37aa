import { hookSignature, md5Of, requestSignature, stringToSign, whyNotSigned } from './signature.ts';

const SECRET = 'b7c1d90e4f5a6b2c8d3e1f0a9b8c7d6e5f4a3b2c';
const SCOPE = '5d0f3a52-7c1e-4b86-9a4d-2e6f8b1c0d37_c2e94b10-63af-4d5e-8f07-91ab34cd56ef';
const RULES = { channelSecret: SECRET, dateToleranceSeconds: 900, legacySignature: false };
const CHAT = '1f7b6c20-8d3e-4a95-b0c4-7e2d9f618a53';

/** The vectors V1 to V3: what is sent, and the signature that goes with it. */
const VECTORS = {
  connect: {
    method: 'POST',
    path: '/v2/origin/custom/5d0f3a52-7c1e-4b86-9a4d-2e6f8b1c0d37/connect',
    date: 'Tue, 03 Mar 2026 09:15:00 +0000',
    body: '{"account_id":"c2e94b10-63af-4d5e-8f07-91ab34cd56ef","hook_api_version":"v2","title":"Pulse bridge"}',
    md5: 'baf9965e9c17085961db4aae84a31b89',
    signature: '76794386b2fef95a9bc649b80ea81ef9e00a7945',
  },
  history: {
    method: 'GET',
    path: `/v2/origin/custom/${SCOPE}/chats/${CHAT}/history`,
    date: 'Tue, 03 Mar 2026 09:16:30 +0000',
    body: '',
    md5: 'd41d8cd98f00b204e9800998ecf8427e',
    signature: '2060e46ebcc86bd9b4a4a3b70b4b4ec3d347eb13',
  },
  'new_message in Cyrillic': {
    method: 'POST',
    path: `/v2/origin/custom/${SCOPE}`,
    date: 'Tue, 03 Mar 2026 09:17:00 GMT',
    body: '{"event_type":"new_message","payload":{"timestamp":1772529420,"msec_timestamp":1772529420123,"msgid":"pulse-in-778","conversation_id":"pulse-conv-42","sender":{"id":"pulse-user-9","name":"Анна К."},"message":{"type":"text","text":"Привет 👋"},"silent":false}}',
    md5: '375e3c47f41d1a303e96d2fb76c69266',
    signature: '3f734d29f0d8b79f0ecfcc529c59a7ef045aed0c',
  },
};

const vector = VECTORS['new_message in Cyrillic'];

/** Asks the twin's check about the third vector, with what is given in its place. */
function ask(
  change: Partial<typeof vector> & { contentType?: string; lateSeconds?: number } = {},
): string | undefined {
  const { method, path, date, body, md5, signature } = { ...vector, ...change };
  const headers = {
    date,
    'content-type': change.contentType ?? 'application/json',
    'content-md5': md5,
    'x-signature': signature,
  };
  const now = Date.parse(vector.date) + (change.lateSeconds ?? 0) * 1000;
  return whyNotSigned({ method, path, headers, raw: Buffer.from(body) }, RULES, now);
}

describe('the signature of a request to amojo', () => {
  it.each(Object.entries(VECTORS))('of %s is the documented one', (_name, one) => {
    const { method, path, date, body, md5, signature } = one;
    expect(md5Of(body)).toBe(md5);
    const parts = { method, path, date, contentMd5: md5, contentType: 'application/json' };
    expect(stringToSign(parts).split('\n')).toEqual([method, md5, 'application/json', date, path]);
    expect(requestSignature(SECRET, parts)).toBe(signature);
    const headers = {
      date,
      'content-type': 'application/json',
      'content-md5': md5,
      'x-signature': signature,
    };
    const request = { method, path, headers, raw: Buffer.from(body) };
    expect(whyNotSigned(request, RULES, Date.parse(date))).toBeUndefined();
  });

  it('is good for 15 minutes before and after its date, and no longer', () => {
    expect(ask({ lateSeconds: 900 })).toBeUndefined();
    expect(ask({ lateSeconds: -900 })).toBeUndefined();
    expect(ask({ lateSeconds: 901 })).toMatch(/Date/);
    expect(ask({ lateSeconds: -901 })).toMatch(/Date/);
  });

  it('is refused over any other method, path, date, type, body or MD5', () => {
    expect(ask({ method: 'PUT' })).toMatch(/X-Signature/);
    expect(ask({ path: `${vector.path}/` })).toMatch(/X-Signature/);
    expect(ask({ date: 'Tue, 03 Mar 2026 09:17:00 +0000' })).toMatch(/X-Signature/);
    expect(ask({ contentType: 'application/json; charset=utf-8' })).toMatch(/X-Signature/);
    expect(ask({ body: vector.body.replace(',', ', ') })).toMatch(/MD5/);
    expect(ask({ body: `${vector.body}\n` })).toMatch(/MD5/);
    expect(ask({ md5: Buffer.from(vector.md5, 'hex').toString('base64') })).toMatch(/MD5/);
    expect(ask({ signature: vector.signature.toUpperCase() })).toMatch(/X-Signature/);
    expect(ask({ signature: '' })).toMatch(/missing/);
  });

  it('is refused over a re-serialised body even where the MD5 is that of the body', () => {
    const escaped = vector.body.replace(/[^\x20-\x7e]/g, (sign) =>
      [...Array(sign.length).keys()]
        .map((index) => `\\u${sign.charCodeAt(index).toString(16).padStart(4, '0')}`)
        .join(''),
    );
    expect(Buffer.byteLength(escaped)).toBe(324);
    expect(md5Of(escaped)).toBe('97231d5e772f8fd373126a46618dd584');
    expect(ask({ body: escaped, md5: md5Of(escaped) })).toMatch(/X-Signature/);
  });

  it.each([
    'Tue, 03 Mar 2026 09:17:00 -0000',
    'Tue, 03 Mar 2026 12:17:00 +0300',
    '3 Mar 2026 09:17:00 GMT',
  ])('may carry the date as %s', (date) => {
    const parts = { ...vector, date, contentMd5: vector.md5, contentType: 'application/json' };
    expect(ask({ date, signature: requestSignature(SECRET, parts) })).toBeUndefined();
  });

  it.each(['2026-03-03T09:17:00Z', '1772529420', 'yesterday', ''])(
    'must not carry the date as "%s"',
    (date) => {
      const parts = { ...vector, date, contentMd5: vector.md5, contentType: 'application/json' };
      expect(ask({ date, signature: requestSignature(SECRET, parts) })).toMatch(/RFC 2822/);
    },
  );
});

describe('the signature of before 2019, over the body alone', () => {
  const { body, path } = VECTORS.connect;
  const headers = { 'x-signature': 'b90229a4e86dcc5dbd12bcc420de7c5aa6852891' };
  const request = { method: 'POST', path, headers, raw: Buffer.from(body) };
  const legacy = { ...RULES, legacySignature: true };

  it('is refused, unless the switch lets it pass', () => {
    expect(whyNotSigned(request, RULES, 0)).toMatch(/MD5/);
    expect(whyNotSigned(request, legacy, 0)).toBeUndefined();
    expect(whyNotSigned({ ...request, raw: Buffer.from(`${body} `) }, legacy, 0)).toMatch(/body/);
  });

  it('never opens a method that is younger', () => {
    const typing = { ...request, path: `/v2/origin/custom/${SCOPE}/typing` };
    expect(whyNotSigned(typing, legacy, 0)).toMatch(/MD5/);
  });
});

describe('the signature of a hook', () => {
  const body =
    '{"account_id":"c2e94b10-63af-4d5e-8f07-91ab34cd56ef","time":1772529480,"message":{"conversation":{"id":"1f7b6c20-8d3e-4a95-b0c4-7e2d9f618a53","client_id":"pulse-conv-42"}}}';

  it('is the documented one, with and without the final newline', () => {
    expect(hookSignature(SECRET, body)).toBe('5dff6e644cf194e83bc4c84e942a9556aaa32d86');
    expect(hookSignature(SECRET, `${body}\n`)).toBe('67536956030932bfde8c219acce8bb9fe514c2c1');
  });
});
