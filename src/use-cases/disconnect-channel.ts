import { Injectable } from '@nestjs/common';
import type { Line } from '../domain/line.js';
import { CrmChat, SwitchedOff } from '../domain/ports.js';

/** Takes the line's account off its channel until an administrator connects it again. */
@Injectable()
export class DisconnectChannel {
  constructor(
    private readonly crm: CrmChat,
    private readonly switchedOff: SwitchedOff,
  ) {}

  /**
   * Noted before amoCRM is asked, so that a crash in between does not connect the channel again; where amoCRM did not
   * do it, or did not say, a note that is new goes, and the channel is what it was before.
   * @throws {DeliveryError | JournalUnavailable}
   */
  async execute(line: Line): Promise<void> {
    const wasOff = await this.switchedOff.has(line.scopeId);
    await this.switchedOff.add(line.scopeId);
    try {
      await this.crm.disconnect(line);
    } catch (error) {
      if (!wasOff) await this.switchedOff.remove(line.scopeId);
      throw error;
    }
  }

  /** Once more, since the line was connected behind the note's back. The note stays. @throws {DeliveryError} */
  again(line: Line): Promise<void> {
    return this.crm.disconnect(line);
  }
}
