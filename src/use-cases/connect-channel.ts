import { Injectable } from '@nestjs/common';
import type { Line } from '../domain/line.js';
import { CrmChat } from '../domain/ports.js';

/** Attaches the line's account to its channel; amoCRM sends no hooks before that, and takes no messages. */
@Injectable()
export class ConnectChannel {
  constructor(private readonly crm: CrmChat) {}

  /** @throws {DeliveryError} */
  execute(line: Line): Promise<void> {
    return this.crm.connect(line);
  }
}
