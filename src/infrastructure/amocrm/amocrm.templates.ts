import { Injectable } from '@nestjs/common';
import {
  CrmTemplates,
  type CrmTemplate,
  type CrmTemplateDraft,
  type Verdict,
} from '../../domain/templates.js';
import { dig, idOf, textOf } from '../json.js';
import { AmocrmRest } from './amocrm.rest.js';

/*
 * Chat templates: https://www.amocrm.ru/developers/content/crm_platform/chat-templates-api (copy of 2026-01-07).
 * An integration sees its own only.
 */
const PATH = '/chats/templates';
/** The documented most of a page. */
const PAGE = 50;
/** So many pages are more templates than any account may have. */
const MOST_PAGES = 100;

@Injectable()
export class AmocrmTemplates extends CrmTemplates {
  constructor(private readonly rest: AmocrmRest) {
    super();
  }

  override get isOpen(): boolean {
    return this.rest.isOpen;
  }

  override async list(externalId?: string): Promise<readonly CrmTemplate[]> {
    const filter =
      externalId === undefined ? '' : `&filter[external_id]=${encodeURIComponent(externalId)}`;
    const all: CrmTemplate[] = [];
    for (let page = 1; page <= MOST_PAGES; page += 1) {
      const query = `?page=${page}&limit=${PAGE}&with=reviews${filter}`;
      const body = await this.rest.call('GET', PATH + query);
      const items = dig(body, '_embedded', 'chat_templates');
      const listed: readonly unknown[] = Array.isArray(items) ? items : [];
      all.push(...listed.flatMap((item) => toCard(item) ?? []));
      if (listed.length < PAGE) break;
    }
    return all.filter((card) => externalId === undefined || card.externalId === externalId);
  }

  override async create(drafts: readonly CrmTemplateDraft[]): Promise<void> {
    await this.rest.call('POST', PATH, drafts.map(toWire));
  }

  override async change(
    changes: readonly (CrmTemplateDraft & { readonly id: string })[],
  ): Promise<void> {
    await this.rest.call(
      'PATCH',
      PATH,
      changes.map(({ id, ...draft }) => ({ id: Number(id), ...toWire(draft) })),
    );
  }

  override async decide(templateId: string, reviewId: string, verdict: Verdict): Promise<void> {
    const path = `${PATH}/${templateId}/review/${reviewId}`;
    await this.rest.call('POST', path, {
      status: verdict,
      ...(verdict === 'rejected' && { reject_reason: 'edna' }),
    });
  }
}

/** Managers put values in place of `{{1}}`, so they may edit the text. */
function toWire({ externalId, name, content, buttons }: CrmTemplateDraft) {
  return { external_id: externalId, name, content, buttons, is_editable: true };
}

/** @returns nothing for one that came from no messenger */
function toCard(item: unknown): CrmTemplate | undefined {
  const id = idOf(dig(item, 'id'));
  const externalId = idOf(dig(item, 'external_id'));
  if (!id || !externalId) return undefined;
  const buttons = dig(item, 'buttons');
  const reviews = dig(item, '_embedded', 'reviews');
  return {
    id,
    externalId,
    name: textOf(dig(item, 'name')) ?? '',
    content: textOf(dig(item, 'content')) ?? '',
    isEditable: dig(item, 'is_editable') === true,
    buttons: (Array.isArray(buttons) ? buttons : []).map(toButton),
    openReviews: (Array.isArray(reviews) ? reviews : [])
      .filter((review) => dig(review, 'status') === 'review')
      .flatMap((review) => idOf(dig(review, 'id')) ?? []),
  };
}

function toButton(button: unknown): CrmTemplateDraft['buttons'][number] {
  const text = textOf(dig(button, 'text')) ?? '';
  const url = textOf(dig(button, 'url'));
  return dig(button, 'type') === 'url' && url
    ? { type: 'url', text, url }
    : { type: 'inline', text };
}
