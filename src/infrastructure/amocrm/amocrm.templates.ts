import { Injectable } from '@nestjs/common';
import { DeliveryError } from '../../domain/errors.js';
import type { Line } from '../../domain/line.js';
import {
  CrmTemplates,
  type CrmTemplate,
  type CrmTemplateDraft,
  type Verdict,
} from '../../domain/templates.js';
import { dig } from '../json.js';
import { LineAccounts } from './amocrm.rest.js';
import { toCard, toOpenReviews, toWire } from './amocrm.card.js';

/*
 * Chat templates: https://www.amocrm.ru/developers/content/crm_platform/chat-templates-api (copy of 2026-01-07).
 * An integration sees its own only.
 */
const PATH = '/chats/templates';
/** The documented most of a page. */
const PAGE = 50;
/** So many pages are more templates than any account may have. */
const MOST_PAGES = 100;
/** The documented most of `reject_reason`. */
const MOST_REASON_CHARS = 65_535;

@Injectable()
export class AmocrmTemplates extends CrmTemplates {
  constructor(private readonly accounts: LineAccounts) {
    super();
  }

  override isOpen(line: Line): boolean {
    return this.accounts.of(line).isOpen;
  }

  override async list(line: Line, externalId?: string): Promise<readonly CrmTemplate[]> {
    const filter =
      externalId === undefined ? '' : `&filter[external_id]=${encodeURIComponent(externalId)}`;
    const rest = this.accounts.of(line);
    const all: CrmTemplate[] = [];
    for (let page = 1; page <= MOST_PAGES; page += 1) {
      const query = `?page=${page}&limit=${PAGE}&with=reviews${filter}`;
      const listed = itemsOf(await rest.call('GET', PATH + query), 'chat_templates');
      all.push(...listed.flatMap((item) => toCard(item) ?? []));
      if (listed.length < PAGE) break;
    }
    return all.filter((card) => externalId === undefined || card.externalId === externalId);
  }

  override async find(line: Line, id: string): Promise<CrmTemplate | undefined> {
    try {
      return toCard(await this.accounts.of(line).call('GET', `${oneOf(id)}?with=reviews`));
    } catch (error) {
      // What another integration made, or a person did, is not shown to us.
      if (statusOf(error) === 404) return undefined;
      throw error;
    }
  }

  /** https://www.amocrm.ru/developers/content/crm_platform/sources-api: an external integration has none (403). */
  override async hasWaba(line: Line): Promise<boolean> {
    try {
      const sources = itemsOf(await this.accounts.of(line).call('GET', '/sources'), 'sources');
      return sources.some((source) => {
        const services = dig(source, 'services');
        const all: readonly unknown[] = Array.isArray(services) ? services : [];
        return all.some((service) => dig(service, 'params', 'waba') === true);
      });
    } catch (error) {
      if (statusOf(error) === 403 || statusOf(error) === 404) return false;
      throw error;
    }
  }

  override async create(
    line: Line,
    drafts: readonly CrmTemplateDraft[],
  ): Promise<readonly Pick<CrmTemplate, 'id' | 'externalId'>[]> {
    const made = await this.accounts.of(line).call('POST', PATH, drafts.map(toWire));
    return itemsOf(made, 'chat_templates').flatMap((item) => toCard(item) ?? []);
  }

  override async change(
    line: Line,
    changes: readonly (CrmTemplateDraft & { readonly id: string })[],
  ): Promise<void> {
    await this.accounts.of(line).call(
      'PATCH',
      PATH,
      changes.map(({ id, ...draft }) => ({ id: Number(id), ...toWire(draft) })),
    );
  }

  override async link(line: Line, id: string, externalId: string): Promise<void> {
    await this.accounts.of(line).call('PATCH', oneOf(id), { external_id: externalId });
  }

  override async askReview(line: Line, id: string): Promise<readonly string[]> {
    return toOpenReviews(await this.accounts.of(line).call('POST', `${oneOf(id)}/review`, {}));
  }

  override async decide(
    line: Line,
    templateId: string,
    reviewId: string,
    verdict: Verdict,
    why = '',
  ): Promise<void> {
    await this.accounts
      .of(line)
      .call('POST', `${oneOf(templateId)}/review/${encodeURIComponent(reviewId)}`, {
        status: verdict,
        ...(verdict === 'rejected' && { reject_reason: why.slice(0, MOST_REASON_CHARS) }),
      });
  }
}

function oneOf(id: string): string {
  return `${PATH}/${encodeURIComponent(id)}`;
}

function itemsOf(body: unknown, name: string): readonly unknown[] {
  const items = dig(body, '_embedded', name);
  return Array.isArray(items) ? items : [];
}

function statusOf(error: unknown): number | undefined {
  return error instanceof DeliveryError ? error.details.httpStatus : undefined;
}
