import { ManualClock } from '../clock.ts';
import { startSandbox, type Sandbox } from '../sandbox.ts';
import { StandInBridge } from '../stand-in-bridge.ts';
import { toForm } from './account-hooks.ts';
import { StandInCaller } from './stand-in-caller.ts';

let clock: ManualClock;
let sandbox: Sandbox;
let rest: StandInCaller;
let bridge: StandInBridge;

beforeEach(async () => {
  clock = new ManualClock();
  sandbox = await startSandbox({ clock, amojo: { restPerSecond: 0 } });
  rest = new StandInCaller(sandbox);
  bridge = new StandInBridge(sandbox);
  await bridge.listen();
});

afterEach(async () => {
  await sandbox.close();
  await bridge.close();
});

const EVENT = 'add_chat_template_review';
const destination = () => `${bridgeUrl()}/webhooks/amocrm-account/t`;
const bridgeUrl = () => new URL(sandbox.webhooks.edna ?? '').origin;
const subscribe = (settings: unknown = [EVENT]) =>
  rest.post('/webhooks', { destination: destination(), settings });

function wabaTemplate() {
  const { sources, templates } = sandbox.amojo.crm();
  const services = [{ type: 'whatsapp', params: { waba: true } }];
  sources.add({ name: 'WA', externalId: 'pulse-wa-main', services });
  const fields = { waba_footer: 'Acme', waba_category: 'UTILITY', waba_language: 'ru' };
  return templates.add({ name: 'order', content: 'Заказ & готов', type: 'waba', ...fields });
}

describe('webhooks of the account', () => {
  it('are listed, added and removed', async () => {
    const filter = `?filter[destination]=${encodeURIComponent(destination())}`;
    expect((await rest.get(`/webhooks${filter}`)).status).toBe(204);
    expect(await subscribe()).toMatchObject({
      status: 201,
      json: { destination: destination(), settings: [EVENT], disabled: false },
    });
    expect((await subscribe(['add_lead', EVENT])).status).toBe(200);
    expect((await rest.get(`/webhooks${filter}`)).json).toMatchObject({
      _embedded: { webhooks: [{ destination: destination(), settings: ['add_lead', EVENT] }] },
    });
    expect((await rest.get('/webhooks?filter[destination]=https://x.test')).status).toBe(204);
    const removed = await rest.call('DELETE', '/webhooks', { destination: destination() });
    expect(removed.status).toBe(204);
    expect((await rest.get('/webhooks')).status).toBe(204);
  });

  it('need an address, an event, a tariff and an administrator', async () => {
    expect((await subscribe([])).status).toBe(400);
    expect((await subscribe(['Add lead'])).status).toBe(400);
    const away = await rest.post('/webhooks', { destination: 'here', settings: [EVENT] });
    expect(away.status).toBe(400);
    sandbox.amojo.settings.isAdminToken = false;
    expect((await subscribe()).status).toBe(403);
    sandbox.amojo.settings.hasWebhooks = false;
    expect((await subscribe()).status).toBe(402);
  });

  it('are told of a template to be approved, in the documented form', async () => {
    await subscribe();
    const template = wabaTemplate();
    const [review] = sandbox.amojo.asksApproval(template.id);
    await sandbox.until(() => sandbox.amojo.accountHooks[0]?.state === 'taken');
    const { path, headers, raw } = bridge.posted[0] ?? { headers: {}, raw: '' };
    expect(path).toBe('/webhooks/amocrm-account/t');
    expect(headers).toMatchObject({ 'content-type': 'application/x-www-form-urlencoded' });
    expect(headers).not.toHaveProperty('x-signature');
    expect(Object.fromEntries(new URLSearchParams(raw))).toMatchObject({
      'add[0][id]': String(template.id),
      'add[0][type]': 'waba',
      'add[0][content]': 'Заказ & готов',
      'add[0][is_editable]': '0',
      'add[0][reviews][0][id]': String(review?.id),
      'add[0][reviews][0][status]': 'review',
      'add[0][waba_footer]': 'Acme',
    });
  });

  it('are told by the question of an integration, too, but not of what they did not ask for', async () => {
    await subscribe(['add_lead']);
    const { id } = wabaTemplate();
    await rest.post(`/chats/templates/${id}/review`, {});
    expect(sandbox.amojo.accountHooks).toEqual([]);
    await subscribe();
    await rest.post(`/chats/templates/${id}/review`, {});
    expect(sandbox.amojo.accountHooks).toHaveLength(1);
  });

  it('are told again after 5 and 15 minutes, and no more', async () => {
    await subscribe();
    bridge.answers = () => 500;
    sandbox.amojo.asksApproval(wabaTemplate().id);
    const [parcel] = sandbox.amojo.accountHooks;
    for (const [attempts, ms] of [
      [1, 300_000],
      [2, 900_000],
    ] as const) {
      await sandbox.until(() => parcel?.attempts.length === attempts);
      clock.advance(ms - 1);
      expect(parcel?.attempts).toHaveLength(attempts);
      clock.advance(1);
    }
    await sandbox.until(() => parcel?.state === 'given up');
    expect(bridge.posted).toHaveLength(3);
  });

  it('take 204 for an answer', async () => {
    await subscribe();
    bridge.answers = () => 204;
    sandbox.amojo.asksApproval(wabaTemplate().id);
    await sandbox.until(() => sandbox.amojo.accountHooks[0]?.state === 'taken');
  });

  it('are switched off after more than a hundred bad answers in two hours', async () => {
    await subscribe();
    const { webhooks } = sandbox.amojo.crm();
    const bad = (times: number) => {
      for (let i = 0; i < times; i += 1) webhooks.note(destination(), false, clock.now());
    };
    bad(100);
    clock.advance(2 * 60 * 60_000);
    bad(100);
    expect(webhooks.find(destination())).toMatchObject({ disabled: false });
    bad(1);
    expect(webhooks.find(destination())).toMatchObject({ disabled: true });
    sandbox.amojo.asksApproval(wabaTemplate().id);
    expect(sandbox.amojo.accountHooks).toEqual([]);
    await subscribe();
    expect(webhooks.find(destination())).toMatchObject({ disabled: false });
  });

  it('ask for what cannot be approved only in vain', () => {
    expect(() => sandbox.amojo.asksApproval(1)).toThrow('no waba template');
    const template = sandbox.amojo.crm().templates.add({ name: 'a', content: 'b', type: 'waba' });
    expect(() => sandbox.amojo.asksApproval(template.id)).toThrow('no number of WhatsApp');
  });
});

describe('a form in the manner of PHP', () => {
  it('has the way to each value in its key', () => {
    const form = toForm({ add: [{ a: true, b: false, c: null, d: { '{{x.y}}': 1 } }], e: 'ё&' });
    expect(decodeURIComponent(form)).toBe('add[0][a]=1&add[0][b]=0&add[0][d][{{x.y}}]=1&e=ё&');
  });
});
