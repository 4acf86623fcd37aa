import { channelName } from './channel-name.js';

describe('a channel’s name', () => {
  it.each([
    ['WHATSAPP', 'WhatsApp'],
    ['whatsapp', 'WhatsApp'],
    ['viber', 'Viber'],
    ['max-bot', 'MAX'],
    ['MAX_BOT', 'MAX'],
    ['vk', 'VK'],
  ])('of %s is %s', (type, name) => expect(channelName(type)).toBe(name));

  it('of a messenger we have never heard of is edna’s word for it', () => {
    expect(channelName('carrier-pigeon')).toBe('carrier-pigeon');
    expect(channelName('constructor')).toBe('constructor');
  });
});
