import { aLine } from '../../test/builders.js';
import { aTemplate, FakeCrmTemplates, FakeMessengerTemplates } from '../../test/fakes/templates.js';
import { DeliveryError } from '../domain/errors.js';
import type { MessengerTemplate } from '../domain/templates.js';
import { SyncTemplates } from './sync-templates.js';

describe('templates of the messenger', () => {
  let messenger: FakeMessengerTemplates;
  let crm: FakeCrmTemplates;
  const sync = (dryRun = false) => new SyncTemplates(messenger, crm).execute(aLine(), { dryRun });

  beforeEach(() => {
    messenger = new FakeMessengerTemplates();
    crm = new FakeCrmTemplates();
    messenger.all = [
      aTemplate({
        rows: [
          [
            { kind: 'reply', text: 'Yes' },
            { kind: 'url', text: 'Site', url: 'https://example.test' },
            { kind: 'phone', text: 'Call', phone: '79995550100' },
          ],
        ],
      }),
    ];
  });

  it('are made in the CRM once, and left alone from then on', async () => {
    expect(await sync()).toMatchObject({ created: [{ id: '31010', name: 'write_first' }] });
    expect(crm.cards).toMatchObject([
      {
        externalId: '31010',
        name: 'write_first',
        content: 'Hello, {{1}}!',
        buttons: [
          { type: 'inline', text: 'Yes' },
          { type: 'url', text: 'Site', url: 'https://example.test' },
        ],
      },
    ]);
    expect(await sync()).toMatchObject({ created: [], changed: [], unchanged: [{ id: '31010' }] });
    expect(crm.calls).toEqual(['create 1']);
  });

  it('are changed where they differ, also by hand', async () => {
    await sync();
    messenger.all = [aTemplate({ text: 'Good day, {{1}}!' })];
    expect(await sync()).toMatchObject({ created: [], changed: [{ id: '31010' }] });
    crm.cards = crm.cards.map((card) => ({ ...card, isEditable: false }));
    expect(await sync()).toMatchObject({ changed: [{ id: '31010' }] });
    expect(crm.cards).toMatchObject([{ content: 'Good day, {{1}}!', isEditable: true }]);
  });

  it('go fifty at a time', async () => {
    messenger.all = Array.from({ length: 120 }, (_, i) => aTemplate({ id: String(i) }));
    await sync();
    expect(crm.calls).toEqual(['create 50', 'create 50', 'create 20']);
  });

  it('are only looked at in a dry run', async () => {
    expect(await sync(true)).toMatchObject({ created: [{ id: '31010' }] });
    expect(crm.calls).toEqual([]);
  });

  it.each<[Partial<MessengerTemplate>, RegExp]>([
    [{ status: 'PENDING' }, /edna says PENDING/],
    [{ isLocked: true }, /locked/],
    [{ contentType: 'AUTHENTICATION' }, /AUTHENTICATION/],
    [{ text: '' }, /no text/],
    [{ rows: [[{ kind: 'other', text: 'Copy', type: 'COPY_CODE' }]] }, /"Copy" is COPY_CODE/],
    [{ rows: [[{ kind: 'url', text: 'Go', url: 'https://example.test/{{1}}' }]] }, /its link/],
    [{ header: { kind: 'text', text: 'Order {{1}}' } }, /its header has a field/],
    [{ header: { kind: 'picture' } }, /header is a picture/],
  ])('that do not fit are named with the reason: %j', async (given, why) => {
    messenger.all = [aTemplate(given)];
    const { created, unmapped } = await sync();
    expect(created).toEqual([]);
    expect(unmapped).toEqual([
      { id: '31010', name: 'write_first', why: expect.stringMatching(why) },
    ]);
  });

  it('that can no longer be sent are named, and stay where they are', async () => {
    await sync();
    messenger.all = [aTemplate({ status: 'PAUSED' })];
    expect(await sync()).toMatchObject({ stale: [{ id: '31010', why: 'edna says PAUSED' }] });
    messenger.all = [];
    expect(await sync()).toMatchObject({ stale: [{ id: '31010', why: 'edna does not have it' }] });
    expect(crm.cards).toHaveLength(1);
  });

  it.each([
    [{ status: 'APPROVED' }, 'approved'],
    [{ status: 'REJECTED' }, 'rejected'],
    [{ status: 'PAUSED' }, 'paused'],
    [{ status: 'APPROVED', isLocked: true }, 'paused'],
    [{ status: 'PENDING' }, undefined],
  ])('%j decide a review that is open: %s', async (given, verdict) => {
    await sync();
    crm.cards = crm.cards.map((card) => ({ ...card, openReviews: ['77'] }));
    messenger.all = [aTemplate(given)];
    await sync();
    expect(crm.verdicts).toEqual(verdict === undefined ? [] : [`6101/77 ${verdict}`]);
  });

  it('stop at the first refusal', async () => {
    crm.failing = new DeliveryError('blocked', 'amocrm answered 402: the account is not paid');
    await expect(sync()).rejects.toThrow('the account is not paid');
  });
});
