import { Injectable } from '@nestjs/common';
import type { Line } from '../../domain/line.js';
import { ModerationHook } from '../../domain/templates.js';
import { dig } from '../json.js';
import { LineAccounts } from './amocrm.rest.js';

const EVENT = 'add_chat_template_review';

/**
 * The account's webhooks: https://www.amocrm.ru/developers/content/crm_platform/webhooks-api (copy of 2026-01-07).
 * For administrators, in tariffs from the extended one up. A repeated registration of an address replaces its events.
 */
@Injectable()
export class AmocrmModerationHook extends ModerationHook {
  constructor(private readonly accounts: LineAccounts) {
    super();
  }

  override async state(line: Line, address: string): Promise<'on' | 'off' | 'absent'> {
    const query = `?filter[destination]=${encodeURIComponent(address)}`;
    const body = await this.accounts.of(line).call('GET', `/webhooks${query}`);
    const listed = dig(body, '_embedded', 'webhooks');
    const all: readonly unknown[] = Array.isArray(listed) ? listed : [];
    const ours = all.find((hook) => dig(hook, 'destination') === address && hasEvent(hook));
    if (ours === undefined) return 'absent';
    return dig(ours, 'disabled') === true ? 'off' : 'on';
  }

  override async register(line: Line, address: string): Promise<void> {
    await this.accounts
      .of(line)
      .call('POST', '/webhooks', { destination: address, settings: [EVENT] });
  }
}

function hasEvent(hook: unknown): boolean {
  const settings = dig(hook, 'settings');
  return Array.isArray(settings) && settings.includes(EVENT);
}
