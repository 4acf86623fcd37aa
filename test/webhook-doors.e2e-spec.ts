import { Bridge } from './bridge.js';

const VERA = '79995550142';
const KEPT = { violations: 0, doubled: 0, outOfOrder: 0, missing: 0 };

let bridge: Bridge;

async function start(environment?: Record<string, string>): Promise<Bridge> {
  bridge = await Bridge.start({ environment, sandbox: { amojo: { connected: true } } });
  await bridge.sandbox.client(VERA).writes('Здравствуйте');
  return bridge;
}

afterEach(() => bridge.stop());

const texts = () => bridge.sandbox.chat(VERA).messages.map(({ text }) => text);
const shown = () => bridge.sandbox.client(VERA).sees.map(({ content }) => content.text);

describe("the signature of amoCRM's hook", () => {
  beforeEach(async () => {
    await start();
    await bridge.sandbox.until(() => texts().length === 1);
  });

  /** A hook as it is written, with a signature of it. */
  function hook(text: string) {
    const { raw } = bridge.sandbox.manager.prepares(VERA, text).hook;
    return { body: raw.trimEnd(), signed: bridge.sandbox.signHook(raw.trimEnd()) };
  }

  it.each<[string, (signed: string) => string]>([
    ['that is missing', () => ''],
    ['of something else', (signed) => signed.replace(/^../, 'ff').replace(/..$/, '00')],
    ['that is cut short', (signed) => signed.slice(0, -1)],
    ['that is too long', (signed) => `${signed}0`],
    ['that is not hex', () => 'x'.repeat(40)],
  ])('%s is answered 401, which says what to mend, and nothing is sent', async (_, change) => {
    const { sandbox } = bridge;
    const { body, signed } = hook('forged');
    const answer = await sandbox.postAsAmocrm(body, { 'X-Signature': change(signed) });
    expect(answer.status).toBe(401);
    expect(JSON.parse(answer.body.toString())).toEqual({
      code: 'wrong-signature',
      message: expect.stringMatching(/X-Signature.*AMOCRM_CHANNEL_SECRET/),
    });
    const real = await sandbox.manager.writes(VERA, 'real');
    await sandbox.until(() => real.tick.state === 'read');
    expect(shown()).toEqual(['real']);
  });

  it('of a body that was changed on the way is answered 401', async () => {
    const { sandbox } = bridge;
    const { body, signed } = hook('Скидка 5%');
    const changed = body.replace('5%', '95%');
    const answer = await sandbox.postAsAmocrm(changed, { 'X-Signature': signed });
    expect(answer.status).toBe(401);
  });

  it.each<[string, (body: string, sign: (body: string) => string) => [string, string]]>([
    ['in capitals', (body, sign) => [body, sign(body).toUpperCase()]],
    ['with blanks around it', (body, sign) => [body, ` ${sign(body)} `]],
    ['without the newline that ends the body', (body, sign) => [`${body}\n`, sign(body)]],
    ['with the newline that ends the body', (body, sign) => [`${body}\n`, sign(`${body}\n`)]],
    ['with a newline that is not in the body', (body, sign) => [body, sign(`${body}\n`)]],
  ])('%s is taken', async (_, draft) => {
    const { sandbox } = bridge;
    const [body, signature] = draft(hook('Есть').body, (text) => sandbox.signHook(text));
    const answer = await sandbox.postAsAmocrm(body, { 'X-Signature': signature });
    expect(answer).toMatchObject({ status: 200 });
    await sandbox.until(() => shown().length === 1);
    expect(sandbox.ledger()).toMatchObject(KEPT);
  });
});

describe('a hook without any signature', () => {
  it('is taken while AMOCRM_WEBHOOK_SIGNATURE is off, and readiness warns of that', async () => {
    const { sandbox, url } = await start({ AMOCRM_WEBHOOK_SIGNATURE: 'off' });
    await sandbox.until(() => texts().length === 1);
    const { hook } = sandbox.manager.prepares(VERA, 'Есть');
    await sandbox.postAsAmocrm(hook.raw, { 'X-Signature': '' });
    await sandbox.until(() => shown().length === 1);
    const { body } = await sandbox.post(`${url}/health/ready`, { method: 'GET' });
    expect(body.toString()).toContain('AMOCRM_WEBHOOK_SIGNATURE');
  });
});

describe("the token of edna's webhook", () => {
  const TOKEN = 'sandbox-webhook-token';
  const path = (rest: string) => `${bridge.url}/webhooks/edna${rest}`;

  it.each([
    ['as edna sends it', '', `Token ${TOKEN}`],
    ['as a bearer', '', `Bearer ${TOKEN}`],
    ['by itself', '', TOKEN],
    ['in the path', `/${TOKEN}`, ''],
    ['in the query', `?token=${TOKEN}`, ''],
  ])('%s opens it', async (_, rest, authorization) => {
    const { sandbox } = await start();
    const { callback } = sandbox.client(VERA).prepares('Есть?');
    const headers = { Authorization: authorization };
    const { status } = await sandbox.post(path(rest), { headers, body: callback.raw });
    expect(status).toBe(200);
    await sandbox.until(() => texts().length === 2);
  });

  it('that is wrong, cut, or missing is answered 401, which says what to mend', async () => {
    const { sandbox } = await start();
    const { callback } = sandbox.client(VERA).prepares('forged');
    for (const authorization of ['', 'Token', `Token ${TOKEN}x`, `Basic ${TOKEN}`, 'Token wrong']) {
      const answer = await sandbox.postAsEdna(callback.raw, { Authorization: authorization });
      expect(answer.status).toBe(401);
      expect(JSON.parse(answer.body.toString())).toEqual({
        code: 'wrong-token',
        message: expect.stringMatching(/Authorization.*EDNA_WEBHOOK_TOKEN/),
      });
    }
    expect((await sandbox.post(path('/wrong'), { body: callback.raw })).status).toBe(401);
    expect((await sandbox.post(path('?token=no'), { body: callback.raw })).status).toBe(401);
    await sandbox.client(VERA).writes('real');
    await sandbox.until(() => texts().length === 2);
    expect(texts()).toEqual(['Здравствуйте', 'real']);
  });

  it('is not asked for where edna only looks whether the address answers', async () => {
    const { sandbox } = await start();
    for (const method of ['GET', 'HEAD']) {
      expect((await sandbox.post(path(''), { method })).status).toBe(200);
      expect((await sandbox.post(path('/wrong'), { method })).status).toBe(200);
    }
  });

  it('is not asked for where none is set, and readiness warns of that', async () => {
    const { sandbox, url } = await start({ EDNA_WEBHOOK_TOKEN: '' });
    const { callback } = sandbox.client(VERA).prepares('Есть?');
    expect((await sandbox.post(path(''), { body: callback.raw })).status).toBe(200);
    await sandbox.until(() => texts().length === 2);
    const { body } = await sandbox.post(`${url}/health/ready`, { method: 'GET' });
    expect(body.toString()).toContain('EDNA_WEBHOOK_TOKEN');
  });
});
