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
   * do it, or did not say, the note goes, and the channel is one that is to be connected.
   * @throws {DeliveryError | JournalUnavailable}
   */
  async execute(line: Line): Promise<void> {
    await this.switchedOff.add(line.scopeId);
    try {
      await this.crm.disconnect(line);
    } catch (error) {
      await this.switchedOff.remove(line.scopeId);
      throw error;
    }
  }
}
