import { Logger } from '@nestjs/common';
import { aTemplate, FakeCrmTemplates } from '../../test/fakes/templates.js';
import { DeliveryError } from '../domain/errors.js';
import { ReviewTemplate } from '../use-cases/review-template.js';
import { TemplateNews } from './template-news.js';

describe('news of a template', () => {
  let crm: FakeCrmTemplates;
  let news: TemplateNews;
  beforeEach(async () => {
    Logger.overrideLogger(false);
    crm = new FakeCrmTemplates();
    news = new TemplateNews(new ReviewTemplate(crm));
    const card = { externalId: '31010', name: 'write_first', content: 'Hello', buttons: [] };
    crm.cards = [{ ...card, id: '6101', isEditable: true, openReviews: ['77', '78'] }];
  });

  it('gives every open review its verdict, in the background', async () => {
    news.tell(aTemplate({ status: 'REJECTED' }));
    expect(crm.verdicts).toEqual([]);
    await news.rest();
    expect(crm.verdicts).toEqual(['6101/77 rejected', '6101/78 rejected']);
  });

  it.each([
    ['of a template that the CRM does not have', { id: '1' }],
    ['that decide nothing', { status: 'PENDING' }],
  ])('%s change nothing', async (_, given) => {
    news.tell(aTemplate(given));
    await news.rest();
    expect(crm.verdicts).toEqual([]);
  });

  it('asks nobody where no CRM is set', async () => {
    crm.isOpen = false;
    crm.failing = new DeliveryError('blocked', 'nobody is to ask');
    news.tell(aTemplate());
    await news.rest();
    expect(crm.verdicts).toEqual([]);
  });

  it('survives a CRM that refuses, and goes on', async () => {
    crm.failing = new DeliveryError('blocked', 'amocrm answered 401');
    news.tell(aTemplate());
    await news.rest();
    crm.failing = undefined;
    news.tell(aTemplate());
    await news.rest();
    expect(crm.verdicts).toHaveLength(2);
  });
});
