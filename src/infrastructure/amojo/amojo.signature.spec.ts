import { sign, type Unsigned } from './amojo.signature.js';

const SECRET = 'b7c1d90e4f5a6b2c8d3e1f0a9b8c7d6e5f4a3b2c';
const CHANNEL = '/v2/origin/custom/5d0f3a52-7c1e-4b86-9a4d-2e6f8b1c0d37';
const SCOPE = `${CHANNEL}_c2e94b10-63af-4d5e-8f07-91ab34cd56ef`;

/** Worked out by hand from the vendor's description, apart from this code. */
const VECTORS: readonly [string, Unsigned, md5: string, signature: string][] = [
  [
    'connect',
    {
      method: 'POST',
      path: `${CHANNEL}/connect`,
      body: '{"account_id":"c2e94b10-63af-4d5e-8f07-91ab34cd56ef","hook_api_version":"v2","title":"Pulse bridge"}',
      date: 'Tue, 03 Mar 2026 09:15:00 +0000',
    },
    'baf9965e9c17085961db4aae84a31b89',
    '76794386b2fef95a9bc649b80ea81ef9e00a7945',
  ],
  [
    'a history, without a body',
    {
      method: 'GET',
      path: `${SCOPE}/chats/1f7b6c20-8d3e-4a95-b0c4-7e2d9f618a53/history`,
      body: '',
      date: 'Tue, 03 Mar 2026 09:16:30 +0000',
    },
    'd41d8cd98f00b204e9800998ecf8427e',
    '2060e46ebcc86bd9b4a4a3b70b4b4ec3d347eb13',
  ],
  [
    'a message beyond ASCII',
    {
      method: 'POST',
      path: SCOPE,
      body: '{"event_type":"new_message","payload":{"timestamp":1772529420,"msec_timestamp":1772529420123,"msgid":"pulse-in-778","conversation_id":"pulse-conv-42","sender":{"id":"pulse-user-9","name":"Анна К."},"message":{"type":"text","text":"Привет 👋"},"silent":false}}',
      date: 'Tue, 03 Mar 2026 09:17:00 GMT',
    },
    '375e3c47f41d1a303e96d2fb76c69266',
    '3f734d29f0d8b79f0ecfcc529c59a7ef045aed0c',
  ],
];

describe('the signature of a request to amojo', () => {
  it.each(VECTORS)('is right for %s', (_name, request, md5, signature) => {
    expect(sign(request, SECRET)).toEqual({
      Date: request.date,
      'Content-Type': 'application/json',
      'Content-MD5': md5,
      'X-Signature': signature,
    });
  });
});
