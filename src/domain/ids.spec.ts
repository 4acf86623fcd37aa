import {
  accountHookToken,
  amoMessageIdOf,
  anonymousSourceId,
  comment,
  conversationId,
  inboundSourceId,
  isNotice,
  lineKey,
  noticeSourceId,
  outboundSourceId,
  parseComment,
  parseConversationId,
  parseTemplateName,
  requestId,
  scopeId,
  templateDigest,
  templateName,
} from './ids.js';

const CHANNEL = '5d0f3a52-7c1e-4b86-9a4d-2e6f8b1c0d37';
const ACCOUNT = 'c2e94b10-63af-4d5e-8f07-91ab34cd56ef';
const SCOPE = scopeId(CHANNEL, ACCOUNT);
const AMO_ID = 'b47f09ce-31d8-4a62-95e0-6c8d2f1a7b53';

describe('a scope id', () => {
  it('is the channel and the account', () => {
    expect(SCOPE).toBe(`${CHANNEL}_${ACCOUNT}`);
  });
});

describe('a line key', () => {
  it('is the scope, and the source where the line has one', () => {
    expect(lineKey(SCOPE)).toBe(SCOPE);
    expect(lineKey(SCOPE, '')).toBe(SCOPE);
    expect(lineKey(SCOPE, '79995550100')).toBe(`${SCOPE}/79995550100`);
  });
});

describe('a conversation id', () => {
  it.each([
    ['71844', '79995550142', 'edna:71844:79995550142'],
    ['whatsapp', '79995550142', 'edna:whatsapp:79995550142'],
    ['71844', 'user:0:7', 'edna:71844:user:0:7'],
    ['71844', 'two\nlines', 'edna:71844:two\nlines'],
  ])('of channel %p and address %p is read back as both', (channel, address, text) => {
    expect(conversationId(channel, address)).toBe(text);
    expect(parseConversationId(text)).toEqual({ channel, address });
  });

  it.each(['', 'edna:', 'edna:71844', 'edna:71844:', 'edna::79995550142', AMO_ID, 'x:71844:1'])(
    'is not read from %p',
    (text) => expect(parseConversationId(text)).toBeUndefined(),
  );
});

describe('a source id', () => {
  const outbound = outboundSourceId(SCOPE, AMO_ID);

  it('names the side, where it came from and the id there', () => {
    expect(inboundSourceId('71844', '903311')).toBe('edna:71844:903311');
    expect(outbound).toBe(`amo:${SCOPE}:${AMO_ID}`);
  });

  it('holds the id that amoCRM knows its message by, whatever is in it', () => {
    expect(amoMessageIdOf(outbound)).toBe(AMO_ID);
    expect(amoMessageIdOf(outboundSourceId(SCOPE, 'a:b'))).toBe('a:b');
    expect(amoMessageIdOf(inboundSourceId('71844', '1'))).toBeUndefined();
  });

  it('without an id at amoCRM is the same for the same facts, and for those alone', () => {
    const facts = ['edna:71844:79995550142', '1770110441000', 'text'];
    const id = anonymousSourceId(SCOPE, ...facts);
    // SHA-256 of '["edna:71844:79995550142","1770110441000","text"]', by Python's hashlib.
    expect(id).toBe(`amo:${SCOPE}:v1-f519d0ac7a9714a40b951fb4f0799f1b`);
    expect(anonymousSourceId(SCOPE, ...facts)).toBe(id);
    expect(anonymousSourceId(SCOPE, facts[0] ?? '', `${facts[1]}${facts[2]}`)).not.toBe(id);
    expect(amoMessageIdOf(id)).toBeUndefined();
  });

  it('of a notice is that of its message, marked', () => {
    const message = inboundSourceId('71844', '1');
    expect(noticeSourceId(message)).toBe('edna:71844:1:notice');
    expect(isNotice(noticeSourceId(message))).toBe(true);
    expect(isNotice(message)).toBe(false);
  });
});

describe('a request id', () => {
  // By Python's uuid.uuid5 in namespace 6f1d3c52-9a0e-5b7d-8c41-2e94d07a5b13.
  it.each([
    [AMO_ID, 1, 0, '7b14df53-8817-5722-a9de-df7effa3087d'],
    [AMO_ID, 2, 0, 'e27ebb34-8271-5efa-a981-39fa14f5f271'],
    [AMO_ID, 1, 1, '12579779-563f-56e6-bcaf-8e540e72dd7b'],
    ['a:b', 1, 0, '0f010a0a-3f33-5045-9e0f-56fbf90e956b'],
    ['сообщение-1', 1, 0, '55a077cd-3505-52a2-a2e4-62d32d0134dc'],
  ])('of %s, part %i, generation %i is the UUIDv5 %s', (id, part, generation, uuid) => {
    expect(requestId(SCOPE, outboundSourceId(SCOPE, id), part, generation)).toBe(uuid);
  });
});

describe('a comment', () => {
  it('names the message by its id at amoCRM, and finds it again', () => {
    const message = outboundSourceId(SCOPE, AMO_ID);
    expect(comment(message)).toBe(`amo:${AMO_ID}`);
    expect(parseComment(comment(message), SCOPE)).toBe(message);
  });

  it('finds a message without an id at amoCRM too', () => {
    const message = anonymousSourceId(SCOPE, 'x');
    expect(parseComment(comment(message), SCOPE)).toBe(message);
  });

  it.each(['', 'amo:', 'a campaign of ours', `edna:${AMO_ID}`])(
    'of somebody else (%p) names none of ours',
    (text) => expect(parseComment(text, SCOPE)).toBeUndefined(),
  );
});

describe('the name of a template', () => {
  const nameOf = (name: string) => templateName('6955', name, 'words');

  it.each([
    ['Заказ готов!', 'zakaz_gotov'],
    ['Order ready', 'order_ready'],
    ['Объявление щуки', 'obyavlenie_schuki'],
    ['订单', 'template'],
    ['', 'template'],
    ['__a__', 'a'],
  ])('of %j is recognised in it', (name, shown) => {
    expect(nameOf(name)).toBe(`${shown}_${templateDigest('words')}_amo6955`);
  });

  it('has sixty letters at most, whatever edna lets be in one', () => {
    for (const name of ['щ'.repeat(80), 'a b '.repeat(40), 'x'.repeat(200)]) {
      expect(templateName('123456789012', name, 'words')).toMatch(/^[a-z0-9_]{20,60}$/);
    }
  });

  it('tells the card, and the words it had', () => {
    expect(parseTemplateName(nameOf('Order'))).toEqual({
      cardId: '6955',
      digest: templateDigest('words'),
    });
    expect(templateName('6955', 'Order', 'other words')).not.toBe(nameOf('Order'));
    expect(parseTemplateName('order_amo6955')).toBeUndefined();
  });
});

describe('the token of account webhooks', () => {
  it('follows from the secret and the account, fits into an address, and does not show it', () => {
    const side = { channelSecret: 'secret', accountId: 'c2e94b10' };
    const token = accountHookToken(side);
    expect(token).toMatch(/^[0-9a-f]{64}$/);
    expect(accountHookToken({ ...side, accountId: 'C2E94B10' })).toBe(token);
    expect(accountHookToken({ ...side, channelSecret: 'another' })).not.toBe(token);
    expect(accountHookToken({ ...side, accountId: 'another' })).not.toBe(token);
  });
});
