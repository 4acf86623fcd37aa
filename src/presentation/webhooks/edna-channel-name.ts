const NAMES = new Map([
  ['whatsapp', 'WhatsApp'],
  ['viber', 'Viber'],
  ['vk', 'VK'],
  ['ok', 'OK'],
  ['max', 'MAX'],
  ['max_bot', 'MAX'],
  ['max-bot', 'MAX'],
  ['sms', 'SMS'],
]);

/** A messenger as people write it. @param imType edna's word for it, in lower case */
export function channelName(imType: string): string {
  return NAMES.get(imType) ?? imType;
}
