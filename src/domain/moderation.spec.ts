import { anAskedCard, aTemplate } from '../../test/fakes/templates.js';
import { explainRefusal } from './moderation-texts.js';
import { isAbout, isMadeFrom, toSubmission } from './moderation.js';
import type { CrmTemplate, WabaFields } from './templates.js';

const WABA = anAskedCard().waba as WabaFields;
const withWaba = (waba: Partial<WabaFields>) => anAskedCard({ waba: { ...WABA, ...waba } });
const nameOf = (card: CrmTemplate) => (toSubmission(card) as { name: string }).name;

describe('a template of the CRM’s, to be approved by the messenger', () => {
  it('has its markers numbered, and everything around the text', () => {
    const card = anAskedCard({
      content: '{{contact.name}}, заказ {{lead.id}} готов, {{contact.name}}!',
      buttons: [
        { type: 'inline', text: 'Спасибо' },
        { type: 'url', text: 'Сайт', url: 'https://example.test' },
      ],
      waba: {
        header: 'Acme',
        footer: 'Пока',
        category: 'MARKETING',
        language: 'ru',
        examples: { '{{contact.name}}': 'Анна', 'lead.id': '118' },
      },
    });
    expect(toSubmission(card)).toEqual({
      name: expect.stringMatching(/^zakaz_gotov_[0-9a-f]{8}_amo6955$/),
      category: 'MARKETING',
      language: 'RU',
      text: '{{1}}, заказ {{2}} готов, {{3}}!',
      examples: ['Анна', '118', 'Анна'],
      header: 'Acme',
      footer: 'Пока',
      rows: [
        [
          { kind: 'reply', text: 'Спасибо', payload: 'Спасибо' },
          { kind: 'url', text: 'Сайт', url: 'https://example.test' },
        ],
      ],
    });
  });

  it.each([
    ['{{2}}, заказ {{1}} готов', '{{2}}, заказ {{1}} готов', ['118', 'Анна']],
    ['заказ {{2}} готов', 'заказ {{1}} готов', ['Анна']],
    ['готово', 'готово', []],
  ])('keeps numbers that are one to n: %s', (content, text, fields) => {
    const examples = { '{{1}}': '118', '{{2}}': 'Анна' };
    const card = anAskedCard({ content, waba: { ...WABA, examples } });
    expect(toSubmission(card)).toMatchObject({ text, examples: fields });
  });

  it.each<[CrmTemplate, string]>([
    [anAskedCard({ hasFile: true }), 'file'],
    [withWaba({ header: 'Заказ {{lead.id}}' }), 'header-field'],
    [withWaba({ examples: {} }), 'no-example'],
    [withWaba({ examples: { '{{lead.name}}': ' ' } }), 'no-example'],
    [withWaba({ category: undefined }), 'no-category'],
    [withWaba({ language: undefined }), 'no-language'],
    [withWaba({ category: 'AUTHENTICATION' }), 'one-time-code'],
    [
      anAskedCard({ buttons: [{ type: 'url', text: 'Go', url: 'https://x.test/{{lead.id}}' }] }),
      'link-field',
    ],
  ])('cannot be carried: %#', (card, key) => {
    expect(toSubmission(card)).toMatchObject({ key });
  });

  it('says why in the reader’s language', () => {
    const refusal = { key: 'no-example', args: { field: '{{lead.id}}' } } as const;
    expect(explainRefusal(refusal, 'ru')).toBe(
      'Нет примера для поля {{lead.id}}. Впишите пример и отправьте ещё раз.',
    );
    expect(explainRefusal({ key: 'not-taken' }, 'en')).toBe(
      'edna did not take the template. Mend it, or make it in edna.',
    );
  });
});

describe('what is decided about a template of the messenger’s', () => {
  it('is about the card whose number and words are in its name', () => {
    const card = anAskedCard();
    const made = aTemplate({ id: '31100', name: nameOf(card) });
    expect(isAbout(made, card)).toBe(true);
    expect(isAbout(made, { ...card, name: 'Переименован' })).toBe(true);
    expect(isAbout(made, { ...card, id: '6956' })).toBe(false);
  });

  it('is not about words the card no longer has, linked or not', () => {
    const made = aTemplate({ id: '31100', name: nameOf(anAskedCard()) });
    const mended = anAskedCard({ content: 'Ваш заказ {{lead.name}} готов', externalId: '31100' });
    expect(isAbout(made, mended)).toBe(false);
    expect(isMadeFrom(made, mended)).toBe(true);
    expect(nameOf(mended)).not.toBe(made.name);
    expect(nameOf(withWaba({ examples: { '{{lead.name}}': '119' } }))).not.toBe(made.name);
  });

  it('is about the card that has its id, where its name says nothing', () => {
    expect(isAbout(aTemplate(), anAskedCard({ externalId: '31010' }))).toBe(true);
    expect(isAbout({ id: '31010' }, anAskedCard({ externalId: '31010' }))).toBe(true);
    expect(isAbout(aTemplate(), anAskedCard())).toBe(false);
    // Made anew from a card that was deleted.
    const name = nameOf(anAskedCard({ id: '6000' }));
    expect(isAbout(aTemplate({ name }), anAskedCard({ externalId: '31010' }))).toBe(true);
  });
});
