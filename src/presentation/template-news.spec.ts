import { Logger } from '@nestjs/common';
import { aLine } from '../../test/builders.js';
import {
  aCard,
  anAskedCard,
  aTemplate,
  FakeCrmTemplates,
  FakeMessengerTemplates,
} from '../../test/fakes/templates.js';
import { DeliveryError } from '../domain/errors.js';
import { lineKey, scopeId } from '../domain/ids.js';
import type { Line } from '../domain/line.js';
import { Settings } from '../domain/settings.js';
import { ReviewTemplate } from '../use-cases/review-template.js';
import { SubmitTemplate } from '../use-cases/submit-template.js';
import { TemplateNews } from './template-news.js';

describe('news of a template', () => {
  let crm: FakeCrmTemplates;
  let messenger: FakeMessengerTemplates;
  let news: TemplateNews;
  beforeEach(() => {
    Logger.overrideLogger(false);
    crm = new FakeCrmTemplates();
    messenger = new FakeMessengerTemplates();
    const settings = new Settings({ language: 'en' });
    const review = new ReviewTemplate(messenger, crm, settings);
    news = new TemplateNews(review, new SubmitTemplate(messenger, crm, review, settings));
    crm.cards = [aCard({ externalId: '31010', openReviews: ['77', '78'] })];
  });

  it('gives every open review its verdict, in the background', async () => {
    news.tell([aLine()], aTemplate({ status: 'REJECTED', rejectReason: 'No greeting' }));
    expect(crm.verdicts).toEqual([]);
    await news.rest();
    expect(crm.verdicts).toEqual([
      '6101/77 rejected: No greeting',
      '6101/78 rejected: No greeting',
    ]);
  });

  it.each([
    ['of a template that the CRM does not have', { id: '1' }],
    ['that decide nothing', { status: 'PENDING' }],
  ])('%s change nothing', async (_, given) => {
    news.tell([aLine()], aTemplate(given));
    await news.rest();
    expect(crm.verdicts).toEqual([]);
  });

  it('asks nobody where no CRM is set', async () => {
    crm.isReachable = false;
    crm.failing = new DeliveryError('blocked', 'nobody is to ask');
    news.tell([aLine()], aTemplate());
    await news.rest();
    expect(crm.verdicts).toEqual([]);
  });

  it('survives a CRM that refuses, and goes on', async () => {
    crm.failing = new DeliveryError('blocked', 'amocrm answered 401');
    news.tell([aLine()], aTemplate());
    await news.rest();
    crm.failing = undefined;
    news.tell([aLine()], aTemplate());
    await news.rest();
    expect(crm.verdicts).toHaveLength(2);
  });

  it('takes a template to the messenger before a verdict about it that comes meanwhile', async () => {
    crm.cards = [anAskedCard()];
    expect(news.ask([aLine()], '6955')).toBe(true);
    await news.rest();
    expect(messenger.submissions).toHaveLength(1);
    const [made] = messenger.all;
    news.tell([aLine()], { ...aTemplate(), id: made?.id ?? '', name: made?.name ?? '' });
    await news.rest();
    expect(crm.verdicts).toEqual(['6955/15 approved']);
  });

  describe('of two companies', () => {
    const ONE = aLine();
    const OTHER: Line = {
      ...aLine({ apiKey: 'another' }, { accountId: 'b' }),
      key: lineKey(scopeId('c', 'b')),
      scopeId: scopeId('c', 'b'),
    };
    let others: FakeCrmTemplates;
    beforeEach(() => {
      others = new FakeCrmTemplates();
      others.cards = [aCard({ externalId: '31010', openReviews: ['77'] })];
      crm.others.set('b', others);
    });

    it('goes to those whose messenger has the template, where its number is all that is known', async () => {
      messenger.ofOthers.set('another', [aTemplate({ name: 'of_the_other' })]);
      messenger.all = [aTemplate()];
      news.tell([ONE, OTHER], { ...aTemplate(), name: 'of_the_other' });
      await news.rest();
      expect([crm.verdicts, others.verdicts]).toEqual([[], ['6101/77 approved']]);
    });

    it('is looked for in both accounts where they have one channel', async () => {
      others.cards = [anAskedCard()];
      news.ask([ONE, OTHER], '6955');
      await news.rest();
      expect(messenger.submissions).toHaveLength(1);
      expect(others.cards).toMatchObject([{ externalId: messenger.all[0]?.id }]);
    });

    it('does not wait for another company, nor for room among its news', async () => {
      crm.failing = new DeliveryError('not-sent', 'amocrm asks to wait');
      messenger.all = [aTemplate()];
      let goOn: () => void = () => undefined;
      crm.held = new Promise((resolve) => (goOn = resolve));
      for (let i = 0; i < 101; i += 1) news.tell([ONE], aTemplate());
      news.tell([OTHER], aTemplate());
      await others.whenDecided;
      expect(others.verdicts).toEqual(['6101/77 approved']);
      goOn();
      await news.rest();
    });
  });

  it('has room for a hundred, and says so where there is none', () => {
    const told = Array.from({ length: 101 }, (_, i) => news.ask([aLine()], String(i)));
    expect(told.indexOf(false)).toBe(100);
  });
});
