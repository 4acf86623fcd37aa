import { aLine } from '../../../test/builders.js';
import { toEntries, toSpanQuery } from './edna.history.js';

const span = { since: new Date('2026-11-20T06:00:00Z'), until: new Date('2026-11-20T09:00:00Z') };
const item = (given: object = {}) => ({
  messageId: 16_204_400_917,
  direction: 'IN',
  subjectId: 71_844,
  address: '79995550142',
  content: { type: 'TEXT', text: 'Is it in stock?' },
  ...given,
});
const entry = (given: object = {}) => toEntries([item(given)], 'inbound', span)[0];

describe("an item of edna's history", () => {
  it('is the body its webhook would have had, whatever form its content and its ids have', () => {
    const body = {
      id: '16204400917',
      subjectId: 71_844,
      subscriber: { identifier: '79995550142' },
      messageContent: { type: 'TEXT', text: 'Is it in stock?' },
    };
    expect(entry()?.body).toMatchObject(body);
    expect(entry({ messageId: '16204400917' })?.body).toMatchObject(body);
    const content = '{"type":"TEXT","text":"Is it in stock?"}';
    expect(entry({ content })?.body).toMatchObject(body);
  });

  it.each([
    ['receivedAt', '2026-11-20T08:00:00Z'],
    ['createdAt', '2026-11-20T08:00:00.000+0000'],
    ['createdAt', '2026-11-20T11:00:00+03:00'],
    ['sentAt', '2026-11-20 08:00:00'],
    ['timestamp', Date.UTC(2026, 10, 20, 8)],
    ['time', Date.UTC(2026, 10, 20, 8) / 1000],
  ])('tells its time by %s: %s', (field, value) => {
    expect(entry({ [field]: value })?.writtenAt).toEqual(new Date('2026-11-20T08:00:00Z'));
  });

  it.each([
    ['no field', {}],
    ['a field that says when its status changed', { statusAt: '2026-11-20T08:00:00Z' }],
    ['a time it was not asked for: of another zone', { createdAt: '2026-11-20T11:00:00Z' }],
    ['words', { createdAt: 'this morning' }],
  ])('has no time where there is %s', (_, given) => {
    expect(entry(given)?.writtenAt).toBeUndefined();
  });

  it('is left out where it goes the other way, or has no id', () => {
    expect(entry({ direction: 'OUT' })).toBeUndefined();
    expect(entry({ messageId: null })).toBeUndefined();
    expect(toEntries([null, 'text', 5], 'inbound', span)).toEqual([]);
  });
});

describe('the question', () => {
  it('reaches a little further than now: the clock of edna may be ahead', () => {
    const { dateFrom, dateTo } = toSpanQuery('inbound', span, aLine(), 0);
    expect({ dateFrom, dateTo }).toEqual({
      dateFrom: '2026-11-20T06:00:00.000Z',
      dateTo: '2026-11-20T09:02:00.000Z',
    });
  });

  it('names the channel where the line has just one, by its number', () => {
    const subjectOf = (channels?: readonly string[]) =>
      toSpanQuery('inbound', span, aLine({ channels }), 2).subjectId;
    expect(subjectOf(['71844'])).toBe(71_844);
    expect(subjectOf(['71844', '71850'])).toBeUndefined();
    expect(subjectOf(['acme_wa_main'])).toBeUndefined();
    expect(subjectOf()).toBeUndefined();
  });
});
