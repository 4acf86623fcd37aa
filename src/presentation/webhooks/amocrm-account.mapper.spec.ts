import { stringify } from 'qs';
import { toAccount } from './amocrm-account.mapper.js';
import { ACCOUNT_EXAMPLES } from './examples.js';

const read = (body: string) => toAccount(Buffer.from(body));
const BODY = ACCOUNT_EXAMPLES.review?.value as { add: [object] };
const [TEMPLATE] = BODY.add;
const asked = (...ids: string[]) => ({ kind: 'templates', ids });

describe('a body of amoCRM’s account webhooks', () => {
  it.each([
    ['the documented form', stringify(BODY)],
    ['a form whose keys are not encoded', stringify(BODY, { encode: false })],
    ['JSON', JSON.stringify(BODY)],
    ['the key of other events', stringify({ chat_template_reviews: BODY, account: { id: '1' } })],
    ['indices as keys', JSON.stringify({ add: { '0': TEMPLATE } })],
    ['an index beyond any list', stringify(BODY).replaceAll('%5B0%5D', '%5B4000%5D')],
    ['two of one', stringify({ add: [TEMPLATE, TEMPLATE] })],
  ])('asks for its templates as %s', (_, body) => {
    expect(read(body)).toEqual(asked('6955'));
  });

  it('asks for several, and those of WhatsApp only', () => {
    const add = [
      TEMPLATE,
      { ...TEMPLATE, id: '6956' },
      { ...TEMPLATE, id: '6957', type: 'amocrm' },
    ];
    expect(read(stringify({ add }))).toEqual(asked('6955', '6956'));
  });

  it.each([
    'message[add][0][text]=hello&account[id]=1',
    stringify({ add: [{ ...TEMPLATE, id: '../6955' }] }),
    stringify({ add: [{ ...TEMPLATE, type: 'other' }] }),
    'add=1',
    '{"add":[null,1,"x",[]]}',
  ])('is another event: %s', (body) => {
    expect(read(body)).toEqual({ kind: 'account-event' });
  });

  it.each(['', 'garbage', '[]', '5', 'null', '<html></html>', '\u0000', '{'])(
    'is no shape we know: %j',
    (body) => {
      expect(read(body)).toEqual({ kind: 'unknown-shape' });
    },
  );

  it('may be as large and as deep as it likes', () => {
    expect(read(`add${'[a]'.repeat(100_000)}=1`)).toEqual({ kind: 'account-event' });
    expect(read('a[]=1&'.repeat(100_000))).toEqual({ kind: 'account-event' });
    expect(read('__proto__[add][0][id]=6955&constructor[prototype][x]=1').kind).not.toBe(
      'templates',
    );
  });
});
