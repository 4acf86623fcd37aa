const NAMES: Readonly<Record<string, string>> = {
  WHATSAPP: 'WhatsApp',
  VIBER: 'Viber',
  SMS: 'SMS',
  MAX: 'MAX',
  MAX_BOT: 'MAX',
  VK: 'VK',
  OK: 'OK',
  TELEGRAM: 'Telegram',
};

/** A messenger as people call it. @param type edna's word for it, in any case: `WHATSAPP`, `max-bot` */
export function channelName(type: string): string {
  return NAMES[type.toUpperCase().replace('-', '_')] ?? type;
}
