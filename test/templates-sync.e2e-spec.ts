import { Bridge } from './bridge.js';
import { START_MS, type } from './command-line.js';

let bridge: Bridge;
let access: Record<string, string>;
beforeEach(async () => {
  bridge = await Bridge.start({ sandbox: { amojo: { connected: true } } });
  const { server, settings } = bridge.sandbox.amojo;
  access = { AMOCRM_BASE_URL: server.url, AMOCRM_TOKEN: settings.restToken };
});
afterEach(() => bridge.stop());

const run = (words: string, given: Record<string, string> = {}) =>
  type(words, { ...bridge.settings, ...access, ...given });
const cards = () => bridge.sandbox.amojo.crm().templates.all;

describe('bridge templates sync', () => {
  it(
    'brings the templates of edna into amoCRM, and tells which it cannot and why',
    async () => {
      const dry = await run('templates sync --dry-run --json');
      expect(dry.code).toBe(0);
      expect(cards()).toEqual([]);

      const first = await run('templates sync --json');
      expect(first).toMatchObject({ code: 0, err: expect.stringContaining('created 3') });
      const report = JSON.parse(first.out) as Record<string, { id: string }[]>;
      expect(report).toEqual(JSON.parse(dry.out));
      expect(report.created?.map(({ id }) => id)).toEqual(['31009', '31010', '31017']);
      expect(report.unmapped?.map(({ id }) => id)).toEqual([
        '31007',
        '31008',
        '31011',
        '31012',
        '31013',
        '31014',
        '31015',
        '31016',
      ]);
      expect(cards().map(({ fields }) => fields)).toMatchObject([
        { external_id: '31009', content: 'Order {{1}} is ready', is_editable: true },
        { external_id: '31010' },
        { external_id: '31017' },
      ]);

      const again = await run('templates sync');
      expect(again.code).toBe(0);
      expect(again.out).toContain('0 created, 0 changed, 3 unchanged, 8 left out');
      expect(again.out).toMatch(/left out\t31012\torder_waits\tedna says PENDING/);
      expect(bridge.sandbox.ledger().violations).toBe(0);
    },
    START_MS,
  );

  it(
    'makes a template that a manager can send',
    async () => {
      await run('templates sync');
      bridge.sandbox.change({ edna: { sessionWindow: 'sync400' } });
      const { chat } = await bridge.sandbox.manager.writesFirst(
        '79995550188',
        'Order 118 is ready',
      );
      const sent = await bridge.sandbox.manager.writesTemplate(chat, '31009', { '{{1}}': '118' });
      await bridge.sandbox.until(() => sent.tick.state === 'read');
      expect(bridge.sandbox.client('79995550188').sees[0]?.content).toMatchObject({
        text: 'Order 118 is ready',
        footer: 'Acme',
      });
    },
    START_MS,
  );

  it(
    'says in words and by its code what is wrong',
    async () => {
      expect(await run('templates sync', { AMOCRM_TOKEN: '' })).toMatchObject({
        code: 2,
        out: '',
        err: expect.stringContaining('AMOCRM_TOKEN'),
      });
      expect(await run('templates sync', { AMOCRM_TOKEN: 'another' })).toMatchObject({
        code: 1,
        err: expect.stringContaining('AMOCRM_TOKEN is not valid'),
      });
      expect(await run('templates eat')).toMatchObject({ code: 2 });
      bridge.sandbox.amojo.settings.maxTemplates = 1;
      expect(await run('templates sync')).toMatchObject({
        code: 1,
        err: expect.stringContaining('limit of chat templates'),
      });
    },
    START_MS,
  );
});

describe('bridge templates sync, with access by consent', () => {
  const PUBLIC_URL = 'https://bridge.example.test';
  const byConsent = () => {
    const { settings, server } = bridge.sandbox.amojo;
    return {
      PUBLIC_URL,
      AMOCRM_BASE_URL: server.url,
      AMOCRM_TOKEN: '',
      AMOCRM_CLIENT_ID: settings.integrationId,
      AMOCRM_CLIENT_SECRET: settings.integrationSecret,
      SECRET_KEY: 'spec-secret-key-of-32-characters',
      PORT: new URL(bridge.url).port,
    };
  };
  const sync = (words = '') => run(`templates sync ${words}`, byConsent());

  beforeEach(async () => {
    const { amojo } = bridge.sandbox;
    amojo.settings.redirectUri = `${PUBLIC_URL}/oauth/amocrm/callback`;
    await bridge.restart(byConsent());
  });

  it(
    'is done by the running bridge, and by the command where none runs',
    async () => {
      expect(await sync()).toMatchObject({
        code: 1,
        err: expect.stringContaining('/oauth/amocrm/start'),
      });
      const redirect = `${bridge.url}/oauth/amocrm/callback`;
      await bridge.sandbox.amojo.integration.install(undefined, redirect);
      const running = await sync('--json');
      expect(running).toMatchObject({ code: 0, err: expect.stringContaining('created 3') });
      expect(JSON.parse(running.out)).toMatchObject({
        created: [{ id: '31009' }, { id: '31010' }, { id: '31017' }],
      });
      expect(cards()).toHaveLength(3);
      await bridge.pause();
      const alone = await sync();
      await bridge.begin(byConsent());
      expect(alone).toMatchObject({ code: 0, out: expect.stringContaining('3 unchanged') });
      expect(bridge.sandbox.ledger().violations).toBe(0);
    },
    2 * START_MS,
  );

  it(
    'says that there is no such line, and that one is under way already',
    async () => {
      expect(await sync('--line nobody')).toMatchObject({
        code: 2,
        err: expect.stringContaining('no line nobody'),
      });
      const redirect = `${bridge.url}/oauth/amocrm/callback`;
      const { amojo } = bridge.sandbox;
      await amojo.integration.install(undefined, redirect);
      // The first one is under way for as long as a busy machine needs to start the second.
      await bridge.restartPatiently(START_MS, byConsent());
      const held = amojo.faults.add({ kind: 'hold', endpoint: 'chat-templates' });
      const first = sync();
      await held.caught();
      expect(await sync()).toMatchObject({ code: 1, err: expect.stringContaining('already') });
      held.release();
      amojo.faults.clear();
      expect(await first).toMatchObject({ code: 0, err: expect.stringContaining('created 3') });
    },
    2 * START_MS,
  );
});

describe('what edna decides about a template', () => {
  /** A template of amoCRM's that waits for the verdict. */
  function onReview() {
    const { sources, templates } = bridge.sandbox.amojo.crm();
    const services = [{ type: 'whatsapp', params: { waba: true } }];
    const source = sources.add({ name: 'WA', externalId: 'pulse-wa-main', services });
    const fields = { name: 'order_waits', content: 'Order {{1}} waits', type: 'waba' };
    const template = templates.add({ ...fields, external_id: '31012' });
    templates.review(template, [source.id]);
    return template;
  }

  it(
    'becomes the verdict of amoCRM’s review, by webhook',
    async () => {
      await bridge.restart(access);
      const template = onReview();
      await bridge.sandbox.edna.templates.decide(31_012, 'APPROVED');
      await bridge.sandbox.until(() => template.reviews[0]?.status === 'approved');
      expect(bridge.sandbox.ledger().violations).toBe(0);
    },
    START_MS,
  );

  it(
    'becomes the verdict by the command, too',
    async () => {
      const template = onReview();
      await bridge.sandbox.edna.templates.decide(31_012, 'REJECTED');
      expect(template.reviews[0]?.status).toBe('review');
      expect((await run('templates sync')).out).toContain('reviewed\t31012\torder_waits\trejected');
      expect(template.reviews[0]?.status).toBe('rejected');
    },
    START_MS,
  );

  it(
    'holds up no webhook while amoCRM is away',
    async () => {
      await bridge.restart({ ...access, AMOCRM_BASE_URL: 'http://127.0.0.1:9' });
      const parcel = await bridge.sandbox.edna.templates.decide(31_012, 'APPROVED');
      expect(parcel.attempts.map(({ status }) => status)).toEqual([200]);
    },
    START_MS,
  );
});
