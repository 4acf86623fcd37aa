import { Injectable, Logger, Optional } from '@nestjs/common';
import { CrmSources } from '../domain/contacts.js';
import type { Line } from '../domain/line.js';
import { CrmChat } from '../domain/ports.js';

/** Attaches the line's account to its channel; amoCRM sends no hooks before that, and takes no messages. */
@Injectable()
export class ConnectChannel {
  private readonly logger = new Logger(ConnectChannel.name);

  constructor(
    private readonly crm: CrmChat,
    @Optional() private readonly sources?: CrmSources,
  ) {}

  /** @throws {DeliveryError} */
  async execute(line: Line): Promise<void> {
    await this.crm.connect(line);
    // Messages do not wait for it: without its source a chat goes where the account's default one does.
    void this.ensureSource(line);
  }

  private async ensureSource(line: Line): Promise<void> {
    try {
      const done = await this.sources?.ensure(line);
      if (done === 'made' || done === 'changed') {
        this.logger.log({ msg: `amoCRM source ${done}`, line: line.key });
      }
    } catch (error) {
      const why = error instanceof Error ? error.message : 'no answer';
      this.logger.warn({ msg: 'amoCRM source not as the settings say', line: line.key, why });
    }
  }
}
