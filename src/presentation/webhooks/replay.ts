import { Injectable } from '@nestjs/common';
import { Journal, type Filed, type Quarantined } from '../../domain/journal.js';
import { Lines } from '../../domain/line.js';
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
   * Reads an entry as its webhook would, except that its signature counts as checked: it was, when it came. Takes it
   * out of the quarantine unless it has to go there again. May be repeated: what was filed is not filed twice.
   * @throws NotInQuarantine, JournalUnavailable
   */
  async execute(id: number): Promise<Replayed> {
    const entry = await this.journal.quarantinedOne(id);
    if (!entry) throw new NotInQuarantine();
    const events = this.read(entry);
    const kept = events.find((event) => event.type === 'quarantine');
    if (kept) return { became: 'quarantined', reason: kept.reason };
    const { origin, raw } = entry;
    const [filed] = await this.intake.accept(events.map((event) => ({ event, origin, raw })));
    // Where the store refuses it, it lies in the quarantine anew, so the old entry goes in this case too.
    await this.journal.discharge(id);
    return { became: filed ?? 'ignored' };
  }

  private read({ origin, raw, at }: Quarantined): readonly Reading[] {
    const { lines } = this;
    const read = standingAlone(() => {
      const body = readJson(raw);
      return origin.webhook === 'edna'
        ? fromEdna(body, { lines, opened: lines.all, at })
        : fromAmocrm(body, { scopeId: origin.scopeId, lines, signers: lines.all, at });
    });
    return [read].flat();
  }
}
