import { startSandbox, type Sandbox } from '../sandbox/sandbox.ts';
import { accountHookToken } from '../src/domain/ids.js';
import { ADMIN_TOKEN, Bridge } from './bridge.js';
import { START_MS, type } from './command-line.js';
import { lineAt, linesFile, OTHER_COMPANY } from './lines.js';

/* Templates of two companies at one bridge: what one wrote, the other's edna never sees, nor its verdict. */

const ORDER = {
  name: 'Order is ready',
  content: 'Order {{lead.id}} is ready.',
  type: 'waba',
  waba_category: 'UTILITY',
  waba_language: 'en',
  waba_examples: { '{{lead.id}}': '118' },
};

let bridge: Bridge;
let acme: Sandbox;
let zeta: Sandbox;

const lineOf = (sandbox: Sandbox, name: string) =>
  lineAt(sandbox, {
    name,
    amocrm: { base_url: sandbox.amojo.server.url, token: sandbox.amojo.settings.restToken },
  });
const addressOf = ({ amojo }: Sandbox) =>
  `${bridge.url}/webhooks/amocrm-account/${accountHookToken(amojo.settings)}`;
const made = ({ edna }: Sandbox) => edna.templates.all.filter(({ name }) => /_amo\d+$/.test(name));

/** An administrator writes one and asks for its approval. */
function write({ amojo }: Sandbox) {
  const template = amojo.crm().templates.add(ORDER);
  amojo.asksApproval(template.id);
  return template;
}

beforeEach(async () => {
  const { apiKey, webhookToken } = OTHER_COMPANY.edna;
  // By chance its edna numbers channels and templates as acme's does.
  zeta = await startSandbox({ ...OTHER_COMPANY, edna: { apiKey, webhookToken } });
  bridge = await Bridge.start({
    sandbox: { amojo: { restPerSecond: 0 } },
    others: [zeta],
    lines: (sandbox) => linesFile(lineOf(sandbox, 'Acme'), lineOf(zeta, 'Zeta')),
  });
  acme = bridge.sandbox;
  for (const { amojo } of [acme, zeta]) {
    const services = [{ type: 'whatsapp', params: { waba: true } }];
    amojo.crm().sources.add({ name: 'WA', externalId: 'wa-main', services });
  }
});
afterEach(() => bridge.stop());

function listen(): void {
  for (const one of [acme, zeta]) {
    const { webhooks } = one.amojo.crm();
    webhooks.subscribe(addressOf(one), ['add_chat_template_review'], Date.now());
  }
}

function sync(words = '') {
  return type(`templates sync ${words}`, bridge.settings);
}

describe('templates of two companies', () => {
  it('go to their own edna, and its verdict comes back to their own account', async () => {
    listen();
    const template = write(zeta);
    await zeta.until(() => made(zeta).length === 1);
    const id = made(zeta)[0]?.id ?? 0;
    // By chance acme's card waits for a template of its own that has the same number.
    const twin = acme.amojo.crm().templates.add({ ...ORDER, external_id: String(id) });
    acme.amojo.crm().templates.review(
      twin,
      acme.amojo.crm().sources.all.map((source) => source.id),
    );
    await zeta.edna.templates.decide(id, 'APPROVED');
    await zeta.until(() => template.reviews[0]?.status === 'approved');
    expect(twin.reviews).toMatchObject([{ status: 'review' }]);
    expect(made(acme)).toEqual([]);
    expect([acme.violations, zeta.violations]).toEqual([[], []]);
  });

  it(
    'are synchronised line by line, and one that cannot be asked keeps no other',
    async () => {
      const one = await sync('--line Zeta --json');
      expect(one).toMatchObject({ code: 0 });
      expect(JSON.parse(one.out)).toMatchObject({ line: 'Zeta' });
      expect(zeta.amojo.crm().templates.all).toHaveLength(3);
      expect(acme.amojo.crm().templates.all).toEqual([]);

      zeta.amojo.settings.restToken = 'changed';
      const both = await sync();
      expect(both).toMatchObject({
        code: 1,
        err: expect.stringMatching(/^Zeta: amocrm answered 401/m),
      });
      expect(both.out).toMatch(/^line\tAcme\n(.|\n)*3 created(.|\n)*^line\tZeta\nnot done\t/m);
      expect(acme.amojo.crm().templates.all).toHaveLength(3);

      expect(await sync('--line Nobody')).toMatchObject({
        code: 2,
        err: expect.stringContaining('there are Acme, Zeta'),
      });
    },
    START_MS,
  );

  it.each([
    ['a word that is none of its words', '{"dry_run":true}'],
    ['a word that a number stands for', '{"dryRun":true,"line":7}'],
    ['a line without a name', '{"dryRun":true,"line":""}'],
    ['a line that is null', '{"dryRun":true,"line":null}'],
    ['a list', '[{"dryRun":true}]'],
    ['no JSON', 'dryRun=true'],
  ])('are left alone by a wish that is not understood: %s', async (_, body) => {
    const answer = await acme.post(`${bridge.url}/admin/templates/sync`, {
      headers: { Authorization: `Bearer ${ADMIN_TOKEN}`, 'Content-Type': 'application/json' },
      body,
    });
    expect(answer.status).toBe(400);
    for (const { amojo } of [acme, zeta]) expect(amojo.crm().templates.all).toEqual([]);
  });

  it.each(['application/x-www-form-urlencoded', 'text/plain', ''])(
    'are not touched by a dry run whose body claims to be "%s"',
    async (type) => {
      const answer = await acme.post(`${bridge.url}/admin/templates/sync`, {
        headers: { Authorization: `Bearer ${ADMIN_TOKEN}`, ...(type && { 'Content-Type': type }) },
        body: '{"dryRun":true,"line":"Zeta"}',
      });
      expect(answer.status).toBe(200);
      expect(JSON.parse(answer.body?.toString() ?? '')).toMatchObject([{ line: 'Zeta' }]);
      for (const { amojo } of [acme, zeta]) expect(amojo.crm().templates.all).toEqual([]);
    },
  );

  it('of a line that came with a new file are taken at once', async () => {
    await bridge.reload(linesFile(lineOf(acme, 'Acme')));
    const post = () => zeta.post(addressOf(zeta), { body: 'add[0][id]=1&add[0][type]=waba' });
    expect((await post()).status).toBe(401);
    await bridge.reload(linesFile(lineOf(acme, 'Acme'), lineOf(zeta, 'Zeta')));
    expect((await post()).status).toBe(200);
  });
});
