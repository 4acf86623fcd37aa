import { Injectable } from '@nestjs/common';
import type { Conversation } from '../../domain/conversation.js';
import type { Line } from '../../domain/line.js';
import type { MessengerEntry, Page, Span } from '../../domain/history.js';
import { Messenger, type Dispatch, type Found, type Route } from '../../domain/ports.js';
import { isFromTemplate } from '../../domain/session-window.js';
import { Settings } from '../../domain/settings.js';
import { isTaken, outcomeOf, toDeliveryError, unsettled } from '../http-answer.js';
import { readHistory, readMessengerId, toFound } from './edna.answer.js';
import { EdnaApi } from './edna.api.js';
import { DIALECTS, HSM_PATH } from './edna.channels.js';
import { readTaken, toBlocked } from './edna.errors.js';
import { EdnaFiles } from './edna.files.js';
import { EdnaCatalogue } from './edna.catalogue.js';
import { toCarried } from './edna.carried.js';
import { toEntries, toSpanQuery } from './edna.history.js';
import { toEdna, toHistoryQuery } from './edna.mapper.js';
import { EdnaRoutes } from './edna.route.js';
import { EdnaTemplates } from './edna.templates.js';

/** A lookup is about minutes of one client, so it ends after this many of his messages. */
const HISTORY = { pageSize: 100, pages: 3 } as const;

/** A channel keeps its name. */
const NAMES_MS = 60 * 60_000;

/** The messengers behind edna Pulse. */
@Injectable()
export class EdnaMessenger extends Messenger {
  constructor(
    private readonly api: EdnaApi,
    private readonly routes: EdnaRoutes,
    private readonly templates: EdnaTemplates,
    private readonly settings: Settings,
    private readonly files: EdnaFiles,
    private readonly catalogue: EdnaCatalogue,
  ) {
    super();
  }

  override route(conversation: Conversation, line: Line, fresh?: boolean): Promise<Route> {
    return this.routes.find(conversation, line, fresh);
  }

  override async send(dispatch: Dispatch, line: Line): Promise<{ messengerId?: string }> {
    const { requestId, route, content } = dispatch;
    const deadline = this.api.deadline();
    const fit = await this.files.fit(dispatch, line, deadline);
    const template = await this.templates.of(dispatch, line, deadline);
    const body = toEdna(fit, line, this.settings.language, template);
    const path = template && route.dialect === 'legacy' ? HSM_PATH : DIALECTS[route.dialect].path;
    const answer = await this.api.post(line, path, body, deadline);
    const taken = readTaken(answer, route, isFromTemplate(content));
    const messengerId = readMessengerId(taken, requestId);
    return messengerId ? { messengerId } : {};
  }

  override async find(dispatch: Dispatch, since: Date, line: Line): Promise<readonly Found[]> {
    try {
      return await this.lookUp(dispatch, since, line);
    } catch (error) {
      throw unsettled(error);
    }
  }

  override async history(
    direction: 'inbound' | 'outbound',
    span: Span,
    line: Line,
    page: number,
  ): Promise<Page<MessengerEntry>> {
    const body = toSpanQuery(direction, span, line, page);
    const answer = await this.api.post(line, '/api/messages/history', body);
    if (!isTaken(answer)) {
      const isClosed = ['blocked', 'rejected'].includes(outcomeOf(answer.status));
      throw isClosed ? toBlocked(answer) : toDeliveryError('edna', answer);
    }
    const { items, hasNext } = readHistory(answer);
    const names = direction === 'inbound' ? await this.namesFor(line) : undefined;
    return { entries: toEntries(items, direction, span, names), hasNext };
  }

  /**
   * What the account's channels are called, by number: an item names its channel by number alone, and lines may name
   * theirs by name. Where edna has no list for us, nobody knows.
   */
  private async namesFor(line: Line): Promise<ReadonlyMap<string, string>> {
    const list = await this.catalogue.channels(line, NAMES_MS, this.api.deadline());
    const channels = list.kind === 'listed' ? list.items : [];
    return new Map(channels.map(({ subjectId, subject }) => [subjectId, subject]));
  }

  private async lookUp(dispatch: Dispatch, since: Date, line: Line): Promise<readonly Found[]> {
    const deadline = this.api.deadline();
    const carried = toCarried(this.files.asSent(dispatch, line), this.settings.language);
    const all: unknown[] = [];
    for (let page = 0; page < HISTORY.pages; page += 1) {
      const query = { offset: page * HISTORY.pageSize, limit: HISTORY.pageSize };
      const body = toHistoryQuery(dispatch, since, query, line);
      const answer = await this.api.post(line, '/api/messages/history', body, deadline);
      if (!isTaken(answer)) {
        const outcome = outcomeOf(answer.status);
        // No such method, or none for this key (keys are given out by groups of methods): nothing can be found.
        if (outcome === 'rejected' || answer.status === 403) return [];
        throw outcome === 'blocked' ? toBlocked(answer) : toDeliveryError('edna', answer);
      }
      const { items, hasNext } = readHistory(answer);
      all.push(...items);
      if (!hasNext) break;
    }
    return toFound(all, dispatch, carried);
  }
}
