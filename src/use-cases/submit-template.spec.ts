import { aLine } from '../../test/builders.js';
import {
  anAskedCard,
  aTemplate,
  FakeCrmTemplates,
  FakeMessengerTemplates,
} from '../../test/fakes/templates.js';
import { DeliveryError } from '../domain/errors.js';
import { Settings } from '../domain/settings.js';
import { ReviewTemplate } from './review-template.js';
import { SubmitTemplate } from './submit-template.js';

describe('a template that an administrator wants approved', () => {
  let messenger: FakeMessengerTemplates;
  let crm: FakeCrmTemplates;
  let review: ReviewTemplate;
  let submit: SubmitTemplate;
  beforeEach(() => {
    messenger = new FakeMessengerTemplates();
    crm = new FakeCrmTemplates();
    crm.cards = [anAskedCard()];
    const settings = new Settings({ language: 'en' });
    review = new ReviewTemplate(messenger, crm, settings);
    submit = new SubmitTemplate(messenger, crm, review, settings);
  });

  const ask = () => submit.request([aLine()], '6955');

  it.each([true, false])(
    'is handed in once and linked, its id told (%s) or looked up',
    async (tellsIds) => {
      messenger.tellsIds = tellsIds;
      expect(await ask()).toEqual({ became: 'submitted' });
      expect(messenger.submissions).toMatchObject([{ text: 'Заказ {{1}} готов' }]);
      expect(crm.cards).toMatchObject([{ externalId: messenger.all[0]?.id }]);
      expect(await ask()).toEqual({ became: 'known' });
      expect(messenger.submissions).toHaveLength(1);
      expect(crm.verdicts).toEqual([]);
    },
  );

  it('gets its verdict by its name where the CRM takes no id of it any more', async () => {
    crm.linkRefused = new DeliveryError('rejected', 'amocrm answered 400');
    expect(await ask()).toEqual({ became: 'submitted' });
    expect(crm.cards[0]).not.toHaveProperty('externalId');
    const [made] = messenger.all;
    expect(await review.execute([aLine()], { ...aTemplate(made), status: 'APPROVED' })).toBe(1);
    expect(crm.verdicts).toEqual(['6955/15 approved']);
  });

  it('is sent again with other words after it was rejected, and the old verdict is not its own', async () => {
    await ask();
    const rejected = aTemplate({ ...messenger.all[0], status: 'REJECTED' });
    messenger.all = [rejected];
    await review.execute([aLine()], rejected);
    crm.cards = crm.cards.map((card) => ({
      ...card,
      content: 'Ваш заказ {{lead.name}} готов',
      openReviews: ['16'],
    }));
    expect(await ask()).toEqual({ became: 'submitted' });
    expect(await review.execute([aLine()], rejected)).toBe(0);
    expect(messenger.submissions).toHaveLength(2);
    expect(crm.cards).toMatchObject([{ externalId: messenger.all[1]?.id, openReviews: ['16'] }]);
  });

  it('is given at once the verdict that the messenger has reached before', async () => {
    await ask();
    messenger.all = messenger.all.map((one) => ({ ...one, status: 'APPROVED' }));
    expect(await ask()).toEqual({ became: 'known' });
    expect(crm.verdicts).toEqual(['6955/15 approved']);
  });

  it('that cannot be carried is rejected with the reason', async () => {
    crm.cards = [anAskedCard({ hasFile: true, openReviews: ['15', '16'] })];
    const why =
      'A file of amoCRM cannot go to edna. Remove it, or make the template with a file in edna.';
    expect(await ask()).toEqual({ became: 'rejected', why });
    expect(crm.verdicts).toEqual([`6955/15 rejected: ${why}`, `6955/16 rejected: ${why}`]);
    expect(messenger.submissions).toEqual([]);
  });

  it('that the messenger refuses is rejected with its code', async () => {
    const reason = { key: 'not-accepted', args: { code: 'name-is-taken' } } as const;
    messenger.failing = new DeliveryError('rejected', 'edna answered 400', { reason });
    expect(await ask()).toEqual({
      became: 'rejected',
      why: expect.stringMatching(/\(name-is-taken\)$/),
    });
    expect(crm.verdicts).toHaveLength(1);
  });

  it('is only linked where the refusal was of a second try', async () => {
    messenger.failing = new DeliveryError('rejected', 'edna answered 400');
    messenger.late = true;
    expect(await ask()).toEqual({ became: 'submitted' });
    expect(crm.cards).toMatchObject([{ externalId: messenger.all[0]?.id }]);
    expect(crm.verdicts).toEqual([]);
  });

  it.each(['not-sent', 'unknown', 'blocked'] as const)(
    'waits where the messenger’s answer is %s, and is not made twice',
    async (outcome) => {
      messenger.failing = new DeliveryError(outcome, 'edna is away');
      messenger.late = outcome === 'unknown';
      await expect(ask()).rejects.toThrow('edna is away');
      expect(crm.verdicts).toEqual([]);
      expect(await ask()).toEqual({ became: outcome === 'unknown' ? 'known' : 'submitted' });
      expect(messenger.all).toHaveLength(1);
    },
  );

  it('is left alone where nobody waits, where it is ordinary, or another integration’s', async () => {
    crm.cards = [anAskedCard({ openReviews: [] })];
    expect(await ask()).toEqual({ became: 'nothing' });
    crm.cards = [anAskedCard({ waba: undefined })];
    expect(await ask()).toEqual({ became: 'nothing' });
    crm.cards = [];
    expect(await ask()).toEqual({ became: 'nothing' });
    crm.cards = [anAskedCard()];
    crm.isReachable = false;
    expect(await ask()).toEqual({ became: 'nothing' });
    expect(messenger.submissions).toEqual([]);
  });
});
