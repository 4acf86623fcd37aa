import { oneTimeToken } from '../../../sandbox/widget/one-time-token.ts';
import { HandAlarm } from '../../../test/fakes/alarm.ts';
import { FakeUsedTokens } from '../../../test/fakes/used-tokens.ts';
import { OneTimeTokens } from './one-time-tokens.js';
import { WidgetAccess } from './widget-access.js';

const HOST = 'acme.amocrm.ru';
const INTEGRATION = {
  clientId: '7b0e9c14-5a2d-4f38-b6c1-8d94e3f7a210',
  clientSecret: 'Qm3vT9sLx2cD7kPw1RzY5hJ8nB4gV6aFe0UoXiTq',
};
const MINUTE_MS = 60_000;

type Changes = Parameters<typeof oneTimeToken>[2];

describe('one-time tokens', () => {
  let alarm: HandAlarm;
  let used: FakeUsedTokens;
  let tokens: OneTimeTokens;
  const replica = () => {
    const { clientId, clientSecret } = INTEGRATION;
    return new OneTimeTokens(new WidgetAccess(clientId, clientSecret), alarm, used);
  };
  beforeEach(() => {
    alarm = new HandAlarm();
    used = new FakeUsedTokens();
    tokens = replica();
  });

  const aToken = (changes: Changes = {}, integration = INTEGRATION) =>
    oneTimeToken(HOST, integration, { at: alarm.date(), ...changes });
  const take = (token: unknown) => tokens.take(token, 'en');

  it('say from which account somebody asks', async () => {
    expect(await take(aToken())).toEqual({ host: HOST, account: '31990077' });
  });

  it('are taken once', async () => {
    const token = aToken();
    await take(token);
    await expect(take(token)).rejects.toMatchObject({ status: 401, code: 'token-used' });
    await expect(take(aToken())).resolves.toMatchObject({ host: HOST });
  });

  it('are taken once, whichever replica they come to', async () => {
    const token = aToken();
    await take(token);
    await expect(replica().take(token, 'en')).rejects.toMatchObject({ code: 'token-used' });
  });

  it('are taken once where they come twice at the same time', async () => {
    const token = aToken();
    const both = await Promise.allSettled([take(token), take(token)]);
    expect(both.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
  });

  it.each<[string, () => unknown]>([
    ['with another secret', () => aToken({}, { ...INTEGRATION, clientSecret: 'another' })],
    ['of another integration', () => aToken({ claims: { client_uuid: 'another' } })],
    ['that say they need no signature', () => `${aToken({ header: { alg: 'none' } })}`],
    [
      'without a signature',
      () =>
        aToken({ header: { alg: 'none' } })
          .split('.')
          .slice(0, 2)
          .join('.') + '.',
    ],
    ['with another algorithm', () => aToken({ header: { alg: 'HS512' } })],
    ['without an id', () => aToken({ claims: { jti: undefined } })],
    ['with an empty id', () => aToken({ claims: { jti: '' } })],
    ['without an end', () => aToken({ claims: { exp: undefined } })],
    ['of no account', () => aToken({ claims: { iss: undefined } })],
    ['of an account that is no address', () => aToken({ claims: { iss: HOST } })],
    ['of an account without TLS', () => aToken({ claims: { iss: `http://${HOST}` } })],
    ['that are none', () => 'token'],
    ['that are missing', () => undefined],
    ['that came twice', () => [aToken(), aToken()]],
  ])('%s are refused', async (_, token) => {
    await expect(take(token())).rejects.toMatchObject({ status: 401, code: 'wrong-token' });
  });

  it('are refused before their time and after it, give or take a minute between the clocks', async () => {
    const early = aToken({ at: new Date(alarm.date().getTime() + 50_000) });
    await expect(take(early)).resolves.toMatchObject({ host: HOST });
    const tooEarly = aToken({ at: new Date(alarm.date().getTime() + 70_000) });
    await expect(take(tooEarly)).rejects.toMatchObject({ status: 401, code: 'token-expired' });

    const [late, tooLate] = [aToken(), aToken()];
    await alarm.pass(30 * MINUTE_MS + 50_000);
    await expect(take(late)).resolves.toMatchObject({ host: HOST });
    await alarm.pass(20_000);
    await expect(take(tooLate)).rejects.toMatchObject({ status: 401, code: 'token-expired' });
  });

  it('are remembered for as long as they could be used again', async () => {
    const token = aToken();
    await take(token);
    await alarm.pass(30 * MINUTE_MS + 50_000);
    await expect(take(token)).rejects.toMatchObject({ code: 'token-used' });
  });

  it('of somebody who is no administrator are refused', async () => {
    const refused = { status: 403, code: 'not-admin' };
    await expect(take(aToken({ claims: { is_admin: false } }))).rejects.toMatchObject(refused);
    await expect(take(aToken({ claims: { is_admin: true } }))).resolves.toBeTruthy();
  });

  it('are refused rather than forgotten when there are very many, until the old ones have ended', async () => {
    for (let i = 0; i < 2_000; i += 1) await take(aToken());
    await expect(take(aToken())).rejects.toMatchObject({ status: 429, code: 'too-many' });
    await alarm.pass(32 * MINUTE_MS);
    await expect(take(aToken())).resolves.toMatchObject({ host: HOST });
  });

  it.each([new WidgetAccess(), new WidgetAccess(INTEGRATION.clientId), new WidgetAccess('', 'x')])(
    'are not looked at where the settings know no integration: %j',
    async (access) => {
      const refused = { status: 404, code: 'widget-off' };
      await expect(
        new OneTimeTokens(access, alarm, used).take(aToken(), 'ru'),
      ).rejects.toMatchObject(refused);
    },
  );
});
