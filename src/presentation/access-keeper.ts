import {
  Injectable,
  type BeforeApplicationShutdown,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { CrmAccess } from '../domain/crm-access.js';
import { Lines } from '../domain/line.js';
import { Alarm } from './dispatcher/alarm.js';
import { DispatcherMode } from './dispatcher/dispatcher.js';

/** A token lives for a day. */
const LOOK_MS = 60 * 60_000;

/** Keeps access to accounts alive that nobody asks anything for long: amoCRM forgets it after three months. */
@Injectable()
export class AccessKeeper implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private isStopping = false;

  constructor(
    private readonly access: CrmAccess,
    private readonly lines: Lines,
    private readonly alarm: Alarm,
    private readonly mode: DispatcherMode,
  ) {}

  onApplicationBootstrap(): void {
    if (this.access.isSet && this.mode.value === 'at work') this.later();
  }

  beforeApplicationShutdown(): void {
    this.isStopping = true;
  }

  private later(): void {
    this.alarm.after(LOOK_MS, () => void this.look());
  }

  private async look(): Promise<void> {
    for (const line of this.lines.all) {
      if (this.isStopping) return;
      await this.access.keepAlive(line);
    }
    this.later();
  }
}
