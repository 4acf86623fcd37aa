import { ManualClock } from '../clock.ts';
import { startSandbox, type Sandbox } from '../sandbox.ts';
import { StandInCaller } from './stand-in-caller.ts';

let sandbox: Sandbox;
let rest: StandInCaller;

beforeEach(async () => {
  sandbox = await startSandbox({ clock: new ManualClock(), amojo: { restPerSecond: 0 } });
  rest = new StandInCaller(sandbox);
});

afterEach(() => sandbox.close());

const TEMPLATES = '/chats/templates';
const ORDER = {
  name: 'Заказ готов',
  content: 'Заказ {{lead.id}} готов',
  external_id: 'pulse-tpl-order',
  type: 'waba',
  buttons: [{ type: 'url', text: 'Сайт', url: 'https://example.net' }],
  waba_category: 'UTILITY',
  waba_language: 'ru',
  waba_examples: { '{{lead.id}}': '1' },
};

async function added(template: object = ORDER): Promise<number> {
  const { json } = await rest.post(TEMPLATES, [template]);
  const { chat_templates } = (json as { _embedded: { chat_templates: { id: number }[] } })
    ._embedded;
  return chat_templates[0]?.id ?? 0;
}

function addWabaSource() {
  const services = [{ type: 'whatsapp', params: { waba: true } }];
  return sandbox.amojo.crm().sources.add({ name: 'WA', externalId: 'pulse-wa-main', services });
}

describe('chat templates', () => {
  it('are 204 where there are none, and listed with all their fields where there are', async () => {
    expect((await rest.get(TEMPLATES)).status).toBe(204);
    const id = await added();
    const { json } = await rest.get(`${TEMPLATES}?filter[external_id]=pulse-tpl-order`);
    expect(json).toMatchObject({
      _embedded: {
        chat_templates: [
          { ...ORDER, id, account_id: 31_990_077, is_editable: false, attachment: null },
        ],
      },
    });
    expect(json).not.toHaveProperty('_embedded.chat_templates.0.review_status');
    expect((await rest.get(`${TEMPLATES}?filter[external_id]=another`)).status).toBe(204);
    expect((await rest.get(`${TEMPLATES}?limit=51`)).status).toBe(422);
    expect((await rest.get(`${TEMPLATES}/${id}`)).json).toMatchObject({ name: 'Заказ готов' });
    expect((await rest.get(`${TEMPLATES}/1`)).status).toBe(404);
  });

  it('are changed and removed, alone or in a list', async () => {
    const id = await added();
    await rest.call('PATCH', `${TEMPLATES}/${id}`, { content: 'Готово' });
    await rest.call('PATCH', TEMPLATES, [{ id, is_editable: true }]);
    expect((await rest.get(`${TEMPLATES}/${id}`)).json).toMatchObject({
      content: 'Готово',
      is_editable: true,
      waba_language: 'ru',
    });
    expect((await rest.call('DELETE', `${TEMPLATES}/${id}`)).status).toBe(204);
    const other = await added();
    expect((await rest.call('DELETE', TEMPLATES, [{ id: other }])).status).toBe(204);
    expect((await rest.get(TEMPLATES)).status).toBe(204);
  });

  it.each([
    ['0.name', { name: undefined }],
    ['0.content', { content: undefined }],
    ['0.content', { content: 5 }],
    ['0.type', { type: 'telegram' }],
    ['0.waba_category', { waba_category: 'OTHER' }],
    ['0.waba_header', { waba_header: 'x'.repeat(61) }],
    ['0.buttons.0.url', { buttons: [{ type: 'url', text: 'Сайт' }] }],
    ['0.attachment.id', { attachment: { type: 'picture' } }],
  ])('with a wrong %s are refused', async (path, change) => {
    const { status, json } = await rest.post(TEMPLATES, [{ ...ORDER, ...change }]);
    expect(status).toBe(400);
    expect(json).toHaveProperty('validation-errors.0.errors.0.path', path);
  });

  it('are 422 beyond their limit, and 403 to who is no administrator', async () => {
    sandbox.amojo.settings.maxTemplates = 1;
    await added();
    expect((await rest.post(TEMPLATES, [ORDER])).status).toBe(422);
    sandbox.amojo.settings.isAdminToken = false;
    expect((await rest.get(TEMPLATES)).status).toBe(403);
  });
});

describe('the moderation of a template', () => {
  it('is asked for at each WhatsApp number, and answered by the integration', async () => {
    const source = addWabaSource();
    const id = await added();
    const { json } = await rest.post(`${TEMPLATES}/${id}/review`, {});
    expect(json).toMatchObject({
      _embedded: { reviews: [{ source_id: source.id, status: 'review' }] },
    });
    const withReviews = () => rest.get(`${TEMPLATES}/${id}?with=reviews`);
    expect((await withReviews()).json).toMatchObject({
      is_on_review: true,
      review_status: 'review',
    });

    const review = (json as { _embedded: { reviews: { id: number }[] } })._embedded.reviews[0]?.id;
    const path = `${TEMPLATES}/${id}/review/${review}`;
    const rejected = { status: 'rejected', reject_reason: 'Нет примера' };
    expect((await rest.post(path, rejected)).json).toMatchObject(rejected);
    await rest.call('PATCH', path, { status: 'approved' });
    expect((await withReviews()).json).toMatchObject({
      is_on_review: false,
      review_status: 'approved',
      _embedded: { reviews: [{ id: review, status: 'approved' }] },
    });
    expect((await rest.post(path, { status: 'review' })).status).toBe(400);
    expect((await rest.post(`${TEMPLATES}/${id}/review/1`, rejected)).status).toBe(404);
  });

  it('needs a template of WhatsApp and a number of WhatsApp', async () => {
    const id = await added();
    expect((await rest.post(`${TEMPLATES}/${id}/review`, {})).status).toBe(400);
    addWabaSource();
    const plain = await added({ ...ORDER, type: 'amocrm' });
    expect((await rest.post(`${TEMPLATES}/${plain}/review`, {})).status).toBe(400);
    expect((await rest.post(`${TEMPLATES}/${id}/review`, {})).status).toBe(200);
  });

  it('leaves nothing to be changed from then on, unless a setting says so', async () => {
    addWabaSource();
    const id = await added();
    await rest.post(`${TEMPLATES}/${id}/review`, {});
    const change = { content: 'Готово' };
    expect((await rest.call('PATCH', `${TEMPLATES}/${id}`, change)).status).toBe(400);
    expect((await rest.call('PATCH', TEMPLATES, [{ id, ...change }])).status).toBe(400);
    expect(sandbox.violations).toHaveLength(2);
    const named = await rest.call('PATCH', `${TEMPLATES}/${id}`, { external_id: '31100' });
    expect(named.status).toBe(400);
    expect(sandbox.violations).toHaveLength(2);
    sandbox.amojo.settings.wabaEdits = 'always';
    expect((await rest.call('PATCH', `${TEMPLATES}/${id}`, change)).status).toBe(200);
  });
});
