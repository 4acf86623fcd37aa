import { accountHookToken } from '../src/domain/ids.js';
import { filledTemplate } from '../sandbox/amocrm/filled-template.ts';
import { Bridge, withRest } from './bridge.js';
import { START_MS, type } from './command-line.js';

/* Templates that administrators write in amoCRM, to edna and back. */

const PHONE = '79995550188';

let bridge: Bridge;
let access: Readonly<Record<string, string>>;
beforeEach(async () => {
  bridge = await Bridge.start({
    sandbox: { amojo: { connected: true, restPerSecond: 0 }, edna: { sessionWindow: 'sync400' } },
    environment: withRest,
  });
  access = withRest(bridge.sandbox);
  const services = [{ type: 'whatsapp', params: { waba: true } }];
  bridge.sandbox.amojo.crm().sources.add({ name: 'WA', externalId: 'wa-main', services });
});
afterEach(() => bridge.stop());

const token = () => accountHookToken(bridge.sandbox.amojo.settings);
const address = () => `${bridge.url}/webhooks/amocrm-account/${token()}`;
const { stringify } = JSON;

function register(): void {
  const { webhooks } = bridge.sandbox.amojo.crm();
  webhooks.subscribe(address(), ['add_chat_template_review'], Date.now());
}

const ORDER = {
  name: 'Заказ готов',
  content: '{{contact.name}}, заказ {{lead.id}} готов.',
  type: 'waba',
  waba_category: 'UTILITY',
  waba_language: 'ru',
  waba_footer: 'Acme',
  waba_examples: { '{{contact.name}}': 'Анна', '{{lead.id}}': '118' },
  buttons: [{ type: 'inline', text: 'Спасибо' }],
};

const write = (fields: object = {}) =>
  bridge.sandbox.amojo.crm().templates.add({ ...ORDER, ...fields });
const asks = ({ id }: { readonly id: number }) => bridge.sandbox.amojo.asksApproval(id);
const made = () => bridge.sandbox.edna.templates.all.filter(({ name }) => /_amo\d+$/.test(name));
const clean = () => expect(bridge.sandbox.violations).toEqual([]);

/** Resolves once the bridge has done what the latest account hook asked of it. */
async function whenSubmitted(count = 1) {
  await bridge.sandbox.until(() => made().length === count);
  const patches = () =>
    bridge.sandbox
      .requests('chat-templates')
      .filter(({ method, isAnswered }) => method === 'PATCH' && isAnswered);
  await bridge.sandbox.until(() => patches().length >= count);
  return made().at(-1) ?? Promise.reject(new Error('nothing was made'));
}

function sync(words = '', given: Record<string, string> = {}) {
  return type(`templates sync ${words}`, { ...bridge.settings, ...access, ...given });
}

describe('a template written in amoCRM', () => {
  it.each(['draft', 'always'] as const)(
    'is approved by edna and can be sent then (amoCRM lets cards be changed: %s)',
    async (wabaEdits) => {
      const { sandbox } = bridge;
      sandbox.amojo.settings.wabaEdits = wabaEdits;
      register();
      const template = write();
      const [review] = asks(template);
      const submitted = await whenSubmitted();
      expect(submitted).toMatchObject({
        name: expect.stringMatching(/^zakaz_gotov_[0-9a-f]{8}_amo\d+$/),
        language: 'RU',
        category: 'UTILITY',
        status: 'PENDING',
        subjectIds: [71_844],
        content: {
          text: '{{1}}, заказ {{2}} готов.',
          footer: { text: 'Acme' },
          keyboard: { rows: [{ buttons: [{ text: 'Спасибо', buttonType: 'QUICK_REPLY' }] }] },
          textExampleParams: ['Анна', '118'],
        },
      });
      const { external_id: externalId } = template.fields;
      expect(externalId).toBe(wabaEdits === 'draft' ? undefined : String(submitted.id));
      expect(review?.status).toBe('review');

      await sandbox.edna.templates.decide(submitted.id, 'APPROVED');
      await sandbox.until(() => template.reviews[0]?.status === 'approved');

      const values = { '{{contact.name}}': 'Вера', '{{lead.id}}': '880124' };
      const sent = await sandbox.manager.writesFirst(PHONE, filledTemplate(template, values));
      await sandbox.until(() => sent.tick.state === 'read');
      expect(sandbox.client(PHONE).sees.at(-1)?.content).toMatchObject({
        text: 'Вера, заказ 880124 готов.',
        footer: 'Acme',
      });
      clean();
    },
  );

  it('is rejected by edna with its reason, and mended and asked for again is another', async () => {
    const { sandbox } = bridge;
    register();
    const template = write();
    asks(template);
    const first = await whenSubmitted();
    await sandbox.edna.templates.decide(first.id, 'REJECTED', { rejectReason: 'Нет приветствия' });
    await sandbox.until(() => template.reviews[0]?.status === 'rejected');
    expect(template.reviews[0]?.rejectReason).toBe('Нет приветствия');

    sandbox.amojo.crm().templates.change(template, { content: 'Добрый день! {{lead.id}} готов.' });
    asks(template);
    const second = await whenSubmitted(2);
    expect(second.id).not.toBe(first.id);
    // News of the first one that come late say nothing of the second.
    await sandbox.edna.templates.decide(first.id, 'REJECTED');
    await sandbox.edna.templates.decide(second.id, 'APPROVED');
    await sandbox.until(() => template.reviews[1]?.status === 'approved');
    clean();
  });

  it('is rejected in words of ours where edna gives none', async () => {
    const { sandbox } = bridge;
    register();
    const template = write();
    asks(template);
    await sandbox.edna.templates.decide((await whenSubmitted()).id, 'REJECTED');
    await sandbox.until(() => template.reviews[0]?.status === 'rejected');
    expect(template.reviews[0]?.rejectReason).toMatch(/^WhatsApp не одобрил шаблон/);
    clean();
  });

  it.each([
    ['with a file', { waba_header_type: 'media' }, /^Файл из amoCRM/],
    ['without an example', { waba_examples: [] }, /^Нет примера для поля \{\{contact\.name\}\}/],
    ['with a field in its header', { waba_header: 'Заказ {{lead.id}}' }, /\{\{lead\.id\}\}/],
  ] as const)('%s is rejected at once with the reason', async (_, fields, reason) => {
    register();
    const template = write(fields);
    asks(template);
    await bridge.sandbox.until(() => template.reviews[0]?.status === 'rejected');
    expect(template.reviews[0]?.rejectReason).toMatch(reason);
    expect(made()).toEqual([]);
    clean();
  });

  it('that edna refuses is rejected with its code', async () => {
    const { sandbox } = bridge;
    register();
    const body = { title: 'message-matcher-limit', status: 400, detail: 'no more' };
    sandbox.edna.faults.add({ kind: 'answer', endpoint: 'new-template', status: 400, body });
    const template = write();
    asks(template);
    await sandbox.until(() => template.reviews[0]?.status === 'rejected');
    expect(template.reviews[0]?.rejectReason).toContain('(message-matcher-limit)');
    clean();
  });

  it('is made once, however often amoCRM tells of it', async () => {
    const { sandbox } = bridge;
    register();
    sandbox.amojo.faults.add({ kind: 'double', endpoint: 'account-hook' });
    sandbox.edna.settings.newTemplateAnswer = 'empty';
    sandbox.amojo.settings.wabaEdits = 'always';
    const template = write();
    asks(template);
    const submitted = await whenSubmitted();
    await sandbox.until(() => template.fields.external_id === String(submitted.id));
    // The third time amoCRM is answered, the first two have been worked on.
    const raw = sandbox.amojo.accountHooks[0]?.raw;
    const headers = { 'Content-Type': 'application/x-www-form-urlencoded' };
    await sandbox.post(address(), { body: raw, headers });
    await sandbox.edna.templates.decide(submitted.id, 'APPROVED');
    await sandbox.until(() => template.reviews[0]?.status === 'approved');
    expect(made()).toHaveLength(1);
    clean();
  });

  it('of another integration is left alone', async () => {
    const { sandbox } = bridge;
    register();
    const body = 'add[0][id]=424242&add[0][type]=waba&add[0][reviews][0][status]=review';
    expect((await sandbox.post(address(), { body })).status).toBe(200);
    // One after the other: when ours is there, the other one has been looked at.
    asks(write());
    await whenSubmitted();
    const asked = sandbox.requests('chat-templates').map(({ path }) => path);
    expect(asked).toContainEqual(expect.stringMatching(/\/424242$/));
    expect(sandbox.requests('new-template')).toHaveLength(1);
    expect(sandbox.violations).toMatchObject([
      { endpoint: 'chat-templates', status: 404, reason: 'There is no template 424242' },
    ]);
  });
});

describe('the address of account webhooks', () => {
  it('lets nobody in without its token, and takes whatever comes with it', async () => {
    const { sandbox } = bridge;
    const wrong = await sandbox.post(`${bridge.url}/webhooks/amocrm-account/x`, { body: 'add=1' });
    expect(wrong.status).toBe(401);
    expect(JSON.parse(wrong.body.toString())).toMatchObject({ code: 'wrong-token' });
    for (const body of ['garbage', '', stringify({ add: 5 }), 'message[add][0][text]=hello']) {
      expect((await sandbox.post(address(), { body })).status).toBe(200);
    }
    const metrics = (
      await sandbox.post(`${bridge.url}/metrics`, { method: 'GET' })
    ).body.toString();
    expect(metrics).toContain(
      'bridge_accepted_total{side="amocrm",kind="ignored",filed="unknown-shape"} 2',
    );
    expect(metrics).toContain(
      'bridge_accepted_total{side="amocrm",kind="ignored",filed="account-event"} 2',
    );
    clean();
  });
});

describe('bridge templates sync', () => {
  it(
    'submits what the bridge was not there for, once, and tells of it',
    async () => {
      const { sandbox } = bridge;
      register();
      // Told of the first, the bridge does not reach edna; when the second is told of, it is not there.
      const away = { kind: 'answer', endpoint: 'new-template', status: 503, times: 1 } as const;
      sandbox.edna.faults.add(away);
      const template = write();
      asks(template);
      await sandbox.until(() => sandbox.requests('new-template').some((one) => one.isAnswered));
      await bridge.pause();
      expect([template.reviews[0]?.status, made()]).toEqual(['review', []]);
      const unmapped = write({ waba_category: undefined });
      asks(unmapped);

      const dry = await sync('--dry-run');
      expect(dry.out).toContain(`submitted\t${template.id}\tЗаказ готов\n`);
      expect(made()).toEqual([]);

      const done = await sync();
      expect(done).toMatchObject({ code: 0 });
      expect(done.out).toContain(`submitted\t${template.id}\tЗаказ готов\n`);
      expect(done.out).toMatch(
        new RegExp(`rejected\\t${unmapped.id}\\tЗаказ готов\\tНе выбрана кат`),
      );
      expect(made()).toHaveLength(1);
      expect(unmapped.reviews[0]?.status).toBe('rejected');
      expect((await sync()).out).not.toContain('submitted');
      expect(made()).toHaveLength(1);

      await bridge.begin(access);
      await sandbox.edna.templates.decide(made()[0]?.id ?? 0, 'APPROVED');
      await sandbox.until(() => template.reviews[0]?.status === 'approved');
      clean();
    },
    START_MS,
  );

  it(
    'says by its code that edna could not be asked to approve one',
    async () => {
      const { sandbox } = bridge;
      asks(write());
      const fault = sandbox.edna.faults.add({
        kind: 'answer',
        endpoint: 'new-template',
        status: 503,
      });
      const away = await sync();
      expect(away).toMatchObject({ code: 1, err: expect.stringContaining('1 could not be') });
      expect(away.out).toContain('edna answered 503');
      fault.clear();
      expect(await sync()).toMatchObject({ code: 0 });
      expect(made()).toHaveLength(1);
      clean();
    },
    START_MS,
  );

  it(
    'makes cards for WhatsApp that need no moderation, and names those it cannot change',
    async () => {
      const { sandbox } = bridge;
      const first = await sync('--json');
      expect(first.code).toBe(0);
      const { all } = sandbox.amojo.crm().templates;
      expect(all).toMatchObject([
        {
          fields: {
            external_id: '31009',
            type: 'waba',
            waba_header: 'Delivery',
            waba_header_type: 'text',
            waba_footer: 'Acme',
            waba_category: 'UTILITY',
            waba_language: 'ru',
            waba_examples: { '{{1}}': '118' },
          },
          reviews: [{ status: 'approved' }],
        },
        { fields: { external_id: '31010', type: 'waba' }, reviews: [{ status: 'approved' }] },
        { fields: { external_id: '31017', type: 'waba' }, reviews: [{ status: 'approved' }] },
      ]);
      const [order] = all;
      if (order) sandbox.amojo.crm().templates.change(order, { content: 'By hand {{1}}' });
      const again = await sync();
      expect(again.code).toBe(0);
      expect(again.out).toMatch(/^differs\t31009\torder_ready\tamoCRM does not let it be changed/m);
      expect(again.out).toContain('0 created, 0 changed, 2 unchanged');
      expect(made()).toEqual([]);
      clean();
    },
    START_MS,
  );

  it(
    'registers its address once, and only where it may',
    async () => {
      const { webhooks } = bridge.sandbox.amojo.crm();
      const given = { PUBLIC_URL: 'https://bridge.example.net' };
      expect((await sync()).out).toContain(`PUBLIC_URL is not set); for templates`);
      expect((await sync('--dry-run', given)).out).toContain('webhook\twould be registered');
      expect(webhooks.all).toEqual([]);
      const done = await sync('', given);
      expect(done.out).toContain('webhook\tregistered');
      expect(done.out).not.toContain(token());
      await sync('', given);
      expect(webhooks.all).toMatchObject([
        {
          destination: `https://bridge.example.net/webhooks/amocrm-account/${token()}`,
          settings: ['add_chat_template_review'],
        },
      ]);
      for (const one of webhooks.all) one.disabled = true;
      expect((await sync('', given)).out).toContain('has switched the webhook off');
      bridge.sandbox.amojo.settings.hasWebhooks = false;
      const poor = await sync('', given);
      expect(poor.code).toBe(0);
      expect(poor.out).toMatch(/^warning\tthe webhook was not registered \(amocrm answered 402/m);
      clean();
    },
    START_MS,
  );
});
