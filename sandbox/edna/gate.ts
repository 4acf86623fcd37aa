import type { ClientMessage } from './client-message.ts';
import type { Fate } from './fates.ts';
import type { OutDraft, OutMessage } from './out-message.ts';
import type { EdnaSettings } from './settings.ts';
import type { Template } from './template.ts';
import { matchTemplate } from './template-match.ts';

/** Why a well-formed message is refused; each API has its own words for it. */
export type Objection = 'no-funds' | 'account-blocked' | 'no-template';

const HOUR_MS = 3_600_000;

/** What stands between a well-formed message and the client: money, locks, templates, the window. */
export class Gate {
  readonly #settings: EdnaSettings;
  readonly #received: () => readonly ClientMessage[];

  constructor(settings: EdnaSettings, received: () => readonly ClientMessage[]) {
    this.#settings = settings;
    this.#received = received;
  }

  templateOf(draft: OutDraft): Template | undefined {
    return matchTemplate(draft, this.#settings.templates);
  }

  /** Said at once, in place of the 200. */
  objection(draft: OutDraft, now: number): Objection | undefined {
    const { account, sessionWindow } = this.#settings;
    if (account === 'no-funds') return 'no-funds';
    // The cascade API takes the message and lets it fail later.
    if (account === 'blocked' && draft.dialect !== 'cascade') return 'account-blocked';
    const isHeldBack = sessionWindow === 'sync400' && !this.#isWindowOpen(draft, now);
    const needsTemplate = isHeldBack || isOneTimeCode(draft) || draft.mustMatchTemplate === true;
    return needsTemplate && this.templateOf(draft) === undefined ? 'no-template' : undefined;
  }

  /** How a message that was taken ends instead of going through. */
  doom(message: OutMessage, now: number): Fate | undefined {
    const { account, channels, lockedChannel, sessionWindow, outsideWindow } = this.#settings;
    if (account === 'blocked') return { status: 'FAILED', error: 'error-system-blocked' };
    const channel = channels.find(({ subject }) => subject === message.channel.subject);
    if (channel?.locked === true) return lockedChannel;
    const isFree = message.template === undefined;
    const isLate = sessionWindow === 'async' && isFree && !this.#isWindowOpen(message, now);
    return isLate ? outsideWindow : undefined;
  }

  /** Open for a day after the client's last message to the channel; other messengers have none. */
  #isWindowOpen({ channel, address }: OutDraft, now: number): boolean {
    if (channel.type !== 'WHATSAPP') return true;
    const since = now - this.#settings.sessionWindowHours * HOUR_MS;
    return this.#received().some(
      (message) =>
        message.address === address &&
        message.channel.subject === channel.subject &&
        message.receivedAt > since,
    );
  }
}

function isOneTimeCode({ content }: OutDraft): boolean {
  return content.type === 'AUTHENTICATION';
}
