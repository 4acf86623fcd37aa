import { Injectable } from '@nestjs/common';
import type { Line } from '../domain/line.js';
import {
  CrmTemplates,
  hasEmptyField,
  isUsable,
  MessengerTemplates,
  verdictOf,
  type CrmTemplate,
  type CrmTemplateDraft,
  type MessengerTemplate,
} from '../domain/templates.js';

/** A template, as a person knows it. */
export interface Named {
  readonly id: string;
  readonly name: string;
}

/** What became of each template. */
export interface SyncReport {
  readonly created: readonly Named[];
  readonly changed: readonly Named[];
  readonly unchanged: readonly Named[];
  /** Why the CRM cannot have it. */
  readonly unmapped: readonly (Named & { readonly why: string })[];
  /** In the CRM still, though the messenger does not send by it any more. */
  readonly stale: readonly (Named & { readonly why: string })[];
  /** Reviews that were given their verdict. */
  readonly reviewed: readonly (Named & { readonly verdict: string })[];
}

/** As many as amoCRM shows on a page; it takes as many at once. */
const AT_ONCE = 50;

/** Brings the messenger's templates into the CRM. May be repeated: it makes and changes only what differs. */
@Injectable()
export class SyncTemplates {
  constructor(
    private readonly messenger: MessengerTemplates,
    private readonly crm: CrmTemplates,
  ) {}

  /**
   * @param dryRun tells what would be done, and changes nothing
   * @param tell is given a line of progress at a time
   * @throws {DeliveryError} whatever was done until then stays
   */
  async execute(
    line: Line,
    {
      dryRun = false,
      tell = () => {},
    }: { dryRun?: boolean; tell?: (progress: string) => void } = {},
  ): Promise<SyncReport> {
    tell('reading the templates of edna');
    const all = await this.messenger.list(line);
    tell(`edna has ${all.length}; reading those of amoCRM`);
    const there = new Map((await this.crm.list()).map((one) => [one.externalId, one]));
    const unmapped = all.flatMap((one) => {
      const why = isUsable(one) ? whyNot(one) : statusOf(one);
      return why === undefined ? [] : [{ ...named(one), why }];
    });
    const drafts = all.filter((one) => isUsable(one) && whyNot(one) === undefined).map(toDraft);
    const missing = drafts.filter(({ externalId }) => !there.has(externalId));
    const changes = drafts.flatMap((draft) => {
      const card = there.get(draft.externalId);
      return card && differs(card, draft) ? [{ ...draft, id: card.id }] : [];
    });
    if (!dryRun) {
      for (const some of inGroups(missing)) {
        await this.crm.create(some);
        tell(`created ${some.length}`);
      }
      for (const some of inGroups(changes)) {
        await this.crm.change(some);
        tell(`changed ${some.length}`);
      }
    }
    const touched = new Set([...missing, ...changes].map(({ externalId }) => externalId));
    return {
      created: missing.map(named),
      changed: changes.map(named),
      unchanged: drafts.filter(({ externalId }) => !touched.has(externalId)).map(named),
      unmapped,
      stale: staleOf(all, [...there.values()]),
      reviewed: await this.review(all, there, dryRun),
    };
  }

  private async review(
    all: readonly MessengerTemplate[],
    there: ReadonlyMap<string, CrmTemplate>,
    dryRun: boolean,
  ): Promise<SyncReport['reviewed']> {
    const reviewed: { id: string; name: string; verdict: string }[] = [];
    for (const template of all) {
      const card = there.get(template.id);
      const verdict = verdictOf(template);
      if (!card || !verdict) continue;
      for (const review of card.openReviews) {
        if (!dryRun) await this.crm.decide(card.id, review, verdict);
        reviewed.push({ ...named(template), verdict });
      }
    }
    return reviewed;
  }
}

/** What a card of amoCRM's has no place for. Header, footer and telephone buttons the bridge puts in when it sends. */
function whyNot({ contentType, text, header, rows }: MessengerTemplate): string | undefined {
  const buttons = rows.flat();
  if (contentType !== 'TEXT') return `its type is ${contentType}: amoCRM has texts only`;
  if (text === '') return 'it has no text';
  const strange = buttons.find(({ kind }) => kind === 'other');
  if (strange?.kind === 'other') {
    return `its button "${strange.text}" is ${strange.type || 'unknown'}: amoCRM has replies and links only`;
  }
  if (buttons.some((button) => button.kind === 'url' && hasEmptyField(button.url))) {
    return 'its link has a field: amoCRM fills in the text only';
  }
  if (header?.kind === 'text' && hasEmptyField(header.text)) {
    return 'its header has a field: amoCRM fills in the text only';
  }
  if (header && header.kind !== 'text' && !header.url) {
    return `its header is a ${header.kind} that edna gives no address of`;
  }
  return undefined;
}

function statusOf({ status, isLocked }: MessengerTemplate): string {
  return isLocked ? 'it is locked in edna' : `edna says ${status || 'nothing of its status'}`;
}

function staleOf(
  all: readonly MessengerTemplate[],
  there: readonly CrmTemplate[],
): SyncReport['stale'] {
  return there.flatMap((card) => {
    const template = all.find(({ id }) => id === card.externalId);
    if (template && isUsable(template)) return [];
    return [{ ...named(card), why: template ? statusOf(template) : 'edna does not have it' }];
  });
}

function toDraft({ id, name, text, rows }: MessengerTemplate): CrmTemplateDraft {
  const buttons = rows.flat().flatMap((button): CrmTemplateDraft['buttons'] => {
    if (button.kind === 'url') return [{ type: 'url', text: button.text, url: button.url }];
    return button.kind === 'reply' ? [{ type: 'inline', text: button.text }] : [];
  });
  return { externalId: id, name, content: text, buttons };
}

function differs(card: CrmTemplate, draft: CrmTemplateDraft): boolean {
  const shown = ({ name, content, buttons }: CrmTemplateDraft) =>
    JSON.stringify([
      name,
      content,
      buttons.map((one) => [one.type, one.text, one.type === 'url' ? one.url : '']),
    ]);
  return !card.isEditable || shown(card) !== shown(draft);
}

function named(
  one: { readonly name: string } & ({ readonly id: string } | { readonly externalId: string }),
): Named {
  return { id: 'externalId' in one ? one.externalId : one.id, name: one.name };
}

function inGroups<Item>(items: readonly Item[]): readonly (readonly Item[])[] {
  return Array.from({ length: Math.ceil(items.length / AT_ONCE) }, (_, i) =>
    items.slice(i * AT_ONCE, (i + 1) * AT_ONCE),
  );
}
