import { Injectable } from '@nestjs/common';
import { Journal, type Filed, type Origin, type Quarantined } from '../../domain/journal.js';
import { Lines, secretsOf, type Line } from '../../domain/line.js';
import { toEvent as fromAmocrm } from './amocrm-webhook.mapper.js';
import { toEvents as fromEdna } from './edna-webhook.mapper.js';
import { Intake, standingAlone } from './intake.js';
import { readJson } from './json.js';
import type { Reading } from './reading.js';

/** There is no such entry; perhaps it was replayed already. */
export class NotInQuarantine extends Error {
  override readonly name = 'NotInQuarantine';

  constructor() {
    super('There is no such entry in the quarantine. GET /admin/quarantine lists those there are.');
  }
}

/** What became of a replayed entry. */
export interface Replayed {
  readonly became: Filed | 'ignored';
  /** Why it stays in the quarantine. */
  readonly reason?: string;
}

/** Files what lies in the quarantine once more, after the lines or the mappers have changed. */
@Injectable()
export class QuarantineReplay {
  constructor(
    private readonly journal: Journal,
    private readonly lines: Lines,
    private readonly intake: Intake,
  ) {}

  /**
   * Reads an entry as its webhook would: the token or the signature it came with opens the lines that it opened then,
   * and those that share one with them. Takes it out of the quarantine unless it has to go there again. May be repeated:
   * what was filed is not filed twice.
   * @param isTrusted whoever replays it vouches for it, and it opens every line
   * @throws NotInQuarantine, JournalUnavailable
   */
  async execute(id: number, isTrusted = false): Promise<Replayed> {
    const entry = await this.journal.quarantinedOne(id);
    if (!entry) throw new NotInQuarantine();
    const events = this.read(entry, isTrusted);
    const kept = events.find((event) => event.type === 'quarantine');
    if (kept) return { became: 'quarantined', reason: kept.reason };
    const { origin, raw } = entry;
    const [filed] = await this.intake.accept(events.map((event) => ({ event, origin, raw })));
    // Where the store refuses it, it lies in the quarantine anew, so the old entry goes in this case too.
    await this.journal.discharge(id);
    return { became: filed ?? 'ignored' };
  }

  private read({ origin, raw, at }: Quarantined, isTrusted: boolean): readonly Reading[] {
    const { lines } = this;
    const opened = isTrusted ? lines.all : openedAgain(origin, lines.all);
    const read = standingAlone(() => {
      const body = readJson(raw);
      return origin.webhook === 'edna'
        ? fromEdna(body, { lines, opened, at })
        : fromAmocrm(body, { scopeId: origin.scopeId, lines, signers: opened, at });
    });
    return [read].flat();
  }
}

/** Lines of the scopes that it opened, and those that have come to a token or a secret of theirs since. */
function openedAgain({ webhook, opened }: Origin, lines: readonly Line[]): readonly Line[] {
  if (!opened) return lines;
  const keysOf = (line: Line) => (webhook === 'edna' ? line.edna.webhookTokens : secretsOf(line));
  // Where no line has a token the door is open.
  if (lines.every((line) => keysOf(line).length === 0)) return lines;
  const known = new Set(lines.filter((line) => opened.includes(line.scopeId)).flatMap(keysOf));
  return lines.filter(
    (line) => opened.includes(line.scopeId) || keysOf(line).some((key) => known.has(key)),
  );
}
