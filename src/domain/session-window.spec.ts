import { isWindowClosed } from './session-window.js';
import type { Content } from './message.js';

const WROTE = new Date('2026-02-03T09:00:00Z');
const TEXT: Content = { kind: 'text', text: 'Is it in stock?' };
const FILE: Content = {
  kind: 'file',
  attachment: { url: 'https://files.example.test/a.pdf' },
  caption: '',
};
const TEMPLATE: Content = { ...TEXT, template: { externalId: '31008', params: {} } };

function after(
  minutes: number,
  {
    content = TEXT,
    lastInboundAt = WROTE as Date | null,
    hours = undefined as number | undefined,
    channelType = 'WHATSAPP',
  } = {},
): boolean {
  const now = new Date(WROTE.getTime() + minutes * 60_000);
  const conversation = { lastInboundAt: lastInboundAt ?? undefined };
  return isWindowClosed(content, conversation, { sessionWindowHours: hours }, channelType, now);
}

describe('the window after a client’s message', () => {
  const day = 24 * 60;

  it('is 24 hours of WhatsApp, and five minutes for clocks that differ', () => {
    expect([after(0), after(day), after(day + 5), after(day + 6)]).toEqual([
      false,
      false,
      false,
      true,
    ]);
    expect(after(day + 6, { content: FILE })).toBe(true);
  });

  it('is never closed for a template', () => {
    expect(after(30 * day, { content: TEMPLATE })).toBe(false);
  });

  it('is left to edna where nobody knows when he wrote', () => {
    expect(after(30 * day, { lastInboundAt: null })).toBe(false);
  });

  it('is open for ever in other messengers, unless it is set', () => {
    expect(after(30 * day, { channelType: 'VIBER' })).toBe(false);
    expect(after(61, { channelType: 'VIBER', hours: 1 })).toBe(false);
    expect(after(66, { channelType: 'VIBER', hours: 1 })).toBe(true);
  });

  it('is as long as it is set to be, and 0 is for ever', () => {
    expect(after(day + 6, { hours: 48 })).toBe(false);
    expect(after(2 * day + 6, { hours: 48 })).toBe(true);
    expect(after(30 * day, { hours: 0 })).toBe(false);
  });

  it('is open for a client whose clock is ahead of ours', () => {
    expect(after(-day)).toBe(false);
  });
});
