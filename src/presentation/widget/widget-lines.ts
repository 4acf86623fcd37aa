import { Injectable } from '@nestjs/common';
import { DeliveryError } from '../../domain/errors.js';
import { Lines, type Line } from '../../domain/line.js';
import type { Language } from '../../domain/reasons.js';
import { Gates, type Connection } from '../dispatcher/gates.js';
import { WebhookSettings } from '../webhooks/webhook-settings.js';
import type { Visitor } from './one-time-tokens.js';
import { widgetText, type WidgetText } from './widget-texts.js';

export interface Warning {
  /** Stable. */
  readonly code: string;
  readonly text: string;
}

/** A line as the widget shows it. */
export interface WidgetLine {
  /** Names it in the routes; letters that every proxy leaves alone. */
  readonly id: string;
  readonly name: string;
  readonly messenger: string;
  /** The channels of edna that it takes; none: every one that no other line names. */
  readonly channels: readonly string[];
  readonly amocrmConnected: boolean;
  readonly state: Connection['state'] | 'not-tried';
  readonly warnings: readonly Warning[];
}

/** Who asks, from which chats account, and what they read in. */
export interface Question {
  readonly visitor: Visitor;
  /** As the page says it; nothing proves it, so it is compared and no more. */
  readonly amojoId?: string;
  readonly language: Language;
}

/** The lines of an account and what is wrong with them. */
@Injectable()
export class WidgetLines {
  constructor(
    private readonly lines: Lines,
    private readonly gates: Gates,
    private readonly webhooks: WebhookSettings,
  ) {}

  /**
   * A token proves the account's address, and nothing else of it that a line knows: so a line belongs to the account
   * where its settings have that address.
   */
  of({ host }: Visitor): readonly Line[] {
    return this.lines.all.filter(({ crm }) => crm && new URL(crm.baseUrl).host === host);
  }

  find(id: string, visitor: Visitor): Line | undefined {
    return this.of(visitor).find((line) => idOf(line) === id);
  }

  show(question: Question): { lines: readonly WidgetLine[]; warnings: readonly Warning[] } {
    const { visitor, language } = question;
    const lines = this.of(visitor);
    const codes: WidgetText[] = [
      ...(lines.length === 0 ? (['no-lines'] as const) : []),
      ...(this.webhooks.signature === 'off' ? (['signature-off'] as const) : []),
    ];
    return {
      lines: lines.map((line) => this.showOne(line, question)),
      warnings: codes.map((code) => ({ code, text: widgetText(code, language, { ...visitor }) })),
    };
  }

  showOne(line: Line, { visitor, amojoId, language }: Question): WidgetLine {
    const connection = this.gates.connection(line.key);
    const isOther = amojoId !== undefined && !isSameId(amojoId, line.amo.accountId);
    const warnings = [
      ...(isOther ? [warning('wrong-account', language, { amojoId })] : []),
      ...(isOther ? [] : this.ofConnection(connection, visitor, language)),
      ...this.ofGates(line, connection).map((code) => warning(code, language)),
      ...(line.edna.webhookTokens.length === 0 ? [warning('webhook-open', language)] : []),
    ];
    return {
      id: idOf(line),
      name: line.name ?? line.amo.title,
      messenger: line.edna.imType,
      channels: line.edna.channels ?? [],
      amocrmConnected: connection?.state === 'connected',
      state: connection?.state ?? 'not-tried',
      warnings,
    };
  }

  private ofConnection(
    connection: Connection | undefined,
    visitor: Visitor,
    language: Language,
  ): readonly Warning[] {
    if (!connection) return [warning('not-tried', language)];
    if (connection.state === 'connected') return [];
    if (connection.state === 'switched-off') return [warning('switched-off', language)];
    return [whyNot(connection.fault, visitor, language)];
  }

  private ofGates(line: Line, connection: Connection | undefined): readonly WidgetText[] {
    const crm = this.gates.of(line, 'crm');
    const edna = this.gates.of(line, 'messenger');
    return [
      ...(connection?.state === 'connected' && crm.state !== 'open'
        ? ([crm.why === 'blocked' ? 'amocrm-blocked' : 'amocrm-away'] as const)
        : []),
      ...(edna.state === 'open'
        ? []
        : ([edna.why === 'blocked' ? 'edna-blocked' : 'edna-away'] as const)),
    ];
  }
}

/** Why a channel was not connected, or not disconnected. */
export function whyNot(fault: unknown, { account }: Visitor, language: Language): Warning {
  if (!(fault instanceof DeliveryError)) return warning('fault', language);
  if (fault.outcome === 'not-sent' || fault.outcome === 'unknown') {
    return warning('amocrm-away', language);
  }
  const { httpStatus } = fault.details;
  const code = httpStatus === undefined ? '–' : `HTTP ${httpStatus}`;
  const isUnknown = httpStatus === 404 || httpStatus === 405;
  return warning(isUnknown ? 'channel-unknown' : 'channel-refused', language, { code, account });
}

export function isSameId(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}

function warning(code: WidgetText, language: Language, values = {}): Warning {
  return { code, text: widgetText(code, language, values) };
}

function idOf({ key }: Line): string {
  return Buffer.from(key).toString('base64url');
}
