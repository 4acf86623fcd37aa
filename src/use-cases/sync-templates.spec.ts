import { aLine, SCOPE } from '../../test/builders.js';
import {
  aCard,
  anAskedCard,
  aTemplate,
  FakeCrmTemplates,
  FakeMessengerTemplates,
} from '../../test/fakes/templates.js';
import { DeliveryError } from '../domain/errors.js';
import { lineKey } from '../domain/ids.js';
import type { MessengerTemplate } from '../domain/templates.js';
import { Settings } from '../domain/settings.js';
import { ReviewTemplate } from './review-template.js';
import { SubmitTemplate } from './submit-template.js';
import { SyncTemplates } from './sync-templates.js';

describe('templates of the messenger', () => {
  let messenger: FakeMessengerTemplates;
  let crm: FakeCrmTemplates;
  const sync = (dryRun = false) => {
    const settings = new Settings({ language: 'en' });
    const review = new ReviewTemplate(messenger, crm, settings);
    const submit = new SubmitTemplate(messenger, crm, review, settings);
    return new SyncTemplates(messenger, crm, review, submit).execute(aLine(), { dryRun });
  };

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

  it('of two lines with one list of cards are handed in by the first, and stale for neither', async () => {
    const FIRST = aLine();
    const SECOND = { ...aLine({ apiKey: 'another' }), key: lineKey(SCOPE, 'second') };
    messenger.ofOthers.set('another', [aTemplate({ id: '5', name: 'of_the_second' })]);
    crm.cards = [anAskedCard()];
    const settings = new Settings({ language: 'en' });
    const review = new ReviewTemplate(messenger, crm, settings);
    const submit = new SubmitTemplate(messenger, crm, review, settings);
    const both = new SyncTemplates(messenger, crm, review, submit);
    const together = [FIRST, SECOND];
    expect(await both.execute(SECOND, { together })).toMatchObject({ submitted: [], stale: [] });
    expect([messenger.submissions, crm.verdicts]).toEqual([[], []]);
    const { submitted, stale } = await both.execute(FIRST, { together });
    expect([submitted, stale]).toMatchObject([[{ became: 'submitted' }], []]);
    expect((await both.execute(SECOND, { together })).stale).toEqual([]);
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
    [
      { status: 'REJECTED' },
      'rejected: WhatsApp has not approved the template. See in edna why, mend it and send it again.',
    ],
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

describe('templates, where amoCRM has a number of WhatsApp', () => {
  let messenger: FakeMessengerTemplates;
  let crm: FakeCrmTemplates;
  const sync = (dryRun = false) => {
    const settings = new Settings({ language: 'en' });
    const review = new ReviewTemplate(messenger, crm, settings);
    const submit = new SubmitTemplate(messenger, crm, review, settings);
    return new SyncTemplates(messenger, crm, review, submit).execute(aLine(), { dryRun });
  };
  const ORDER = aTemplate({
    language: 'RU',
    category: 'UTILITY',
    header: { kind: 'text', text: 'Acme' },
    footer: 'Bye',
  });

  beforeEach(() => {
    messenger = new FakeMessengerTemplates();
    crm = new FakeCrmTemplates();
    crm.isWaba = true;
    messenger.all = [ORDER];
  });

  it('are made for WhatsApp, and wait for no moderation', async () => {
    expect(await sync()).toMatchObject({ created: [{ id: '31010' }], unapproved: [] });
    expect(crm.cards).toMatchObject([
      {
        waba: {
          header: 'Acme',
          footer: 'Bye',
          category: 'UTILITY',
          language: 'ru',
          examples: { '{{1}}': 'Anna' },
        },
        openReviews: [],
      },
    ]);
    expect(crm.verdicts).toEqual(['6101/96101 approved']);
    expect(await sync()).toMatchObject({ unchanged: [{ id: '31010' }], submitted: [] });
    expect(crm.verdicts).toHaveLength(1);
  });

  it('are approved by the next run where the CRM refused it at first', async () => {
    crm.reviewRefused = new DeliveryError('rejected', 'amocrm answered 400');
    expect(await sync()).toMatchObject({
      created: [{ id: '31010' }],
      unapproved: [{ id: '31010', name: 'write_first', why: 'amocrm answered 400' }],
    });
    crm.reviewRefused = undefined;
    expect(await sync()).toMatchObject({ unchanged: [{ id: '31010' }], unapproved: [] });
    expect(crm.verdicts).toEqual(['6101/96101 approved']);
  });

  it.each([
    [{ header: { kind: 'picture', url: 'https://example.test/a.jpg' } }],
    [{ header: { kind: 'text', text: 'x'.repeat(61) } }],
  ] as const)('are ordinary ones where a card for WhatsApp cannot show them: %j', async (given) => {
    messenger.all = [aTemplate(given)];
    expect(await sync()).toMatchObject({ created: [{ id: '31010' }] });
    expect(crm.cards[0]).not.toHaveProperty('waba');
    expect(crm.verdicts).toEqual([]);
  });

  it('that differ are named and not touched; ordinary ones from before are changed still', async () => {
    await sync();
    crm.cards = [...crm.cards, aCard({ id: '6102', externalId: '31011', name: 'old' })];
    messenger.all = [{ ...ORDER, footer: 'See you' }, aTemplate({ id: '31011' })];
    expect(await sync()).toMatchObject({
      fixed: [{ id: '31010' }],
      changed: [{ id: '31011' }],
      unchanged: [],
    });
    expect(crm.calls).toEqual(['create 1', 'change 1']);
  });

  it('of administrators that wait are submitted, and one that cannot be now holds up no other', async () => {
    crm.cards = [
      anAskedCard(),
      anAskedCard({ id: '6956', openReviews: ['16'] }),
      anAskedCard({ id: '6957', openReviews: ['17'], hasFile: true }),
    ];
    messenger.all = [];
    expect(await sync(true)).toMatchObject({
      submitted: [
        { id: '6955', became: 'submitted' },
        { id: '6956', became: 'submitted' },
        { id: '6957', became: 'rejected' },
      ],
    });
    expect([messenger.submissions, crm.verdicts]).toEqual([[], []]);
    messenger.failing = new DeliveryError('not-sent', 'edna answered 503');
    expect(await sync()).toMatchObject({
      submitted: [
        { id: '6956', became: 'submitted' },
        { id: '6957', became: 'rejected' },
      ],
      failed: [{ id: '6955', name: 'Заказ готов', why: 'edna answered 503' }],
    });
    expect(await sync()).toMatchObject({ submitted: [{ id: '6955' }], failed: [] });
    expect(await sync()).toMatchObject({ submitted: [], failed: [] });
  });

  it('of administrators are left as they wrote them once they are approved', async () => {
    crm.cards = [anAskedCard()];
    messenger.all = [];
    crm.linkRefused = new DeliveryError('rejected', 'amocrm answered 400');
    await sync();
    messenger.all = messenger.all.map((one) => ({ ...one, status: 'APPROVED' }));
    expect(await sync()).toMatchObject({
      created: [],
      unchanged: [{ id: messenger.all[0]?.id }],
      unmapped: [],
      fixed: [],
      reviewed: [{ verdict: 'approved' }],
    });
    expect(crm.verdicts).toEqual(['6955/15 approved']);
    expect(crm.cards).toHaveLength(1);
  });
});
