import { Injectable } from '@nestjs/common';
import { Lines, type Line } from '../../domain/line.js';
import { SwitchedOff } from '../../domain/ports.js';
import { ConnectChannel } from '../../use-cases/connect-channel.js';
import { DisconnectChannel } from '../../use-cases/disconnect-channel.js';
import { Alarm } from './alarm.js';
import { Gates } from './gates.js';

/** Whether lines' accounts are on their channels at amoCRM: keeps them there, or off where somebody wants that. */
@Injectable()
export class Connections {
  private hasEnded = false;
  private wake: () => void = () => undefined;

  constructor(
    private readonly lines: Lines,
    private readonly gates: Gates,
    private readonly alarm: Alarm,
    private readonly connectChannel: ConnectChannel,
    private readonly disconnectChannel: DisconnectChannel,
    private readonly switchedOff: SwitchedOff,
  ) {}

  /** @param wake is called whenever a line was tried: what waits for it may move */
  begin(wake: () => void): void {
    this.wake = wake;
  }

  /** Nothing is tried any more. */
  end(): void {
    this.hasEnded = true;
  }

  /**
   * Takes the line's account off its channel, and with it every line of the scope, until `connectAgain`. What clients
   * write meanwhile waits.
   * @throws {DeliveryError | JournalUnavailable} where it did not happen
   */
  async disconnect(line: Line): Promise<void> {
    try {
      await this.disconnectChannel.execute(line);
    } catch (error) {
      // It may have been done, and the answer lost: then nobody's messages would arrive any more.
      for (const one of this.ofScope(line)) void this.connect(one);
      throw error;
    }
    for (const one of this.ofScope(line)) this.gates.switchedOff(one);
  }

  /**
   * Connects the scope, whether or not it was disconnected, and goes on trying where that did not work at once.
   * @throws {DeliveryError} why it did not, JournalUnavailable
   */
  async connectAgain(line: Line): Promise<void> {
    await this.switchedOff.remove(line.scopeId);
    try {
      await this.connectChannel.execute(line);
    } catch (error) {
      for (const one of this.ofScope(line)) {
        this.gates.connected(one, false, error);
        void this.connect(one);
      }
      throw error;
    }
    for (const one of this.ofScope(line)) this.gates.connected(one, true);
    this.wake();
  }

  /**
   * Takes note of what an administrator has switched off or on at another replica.
   * @throws {JournalUnavailable}
   */
  async hear(lines: readonly Line[]): Promise<void> {
    for (const line of lines) {
      const wasOff = this.gates.connection(line.key)?.state === 'switched-off';
      if (!(await this.isOff(line)) && wasOff) void this.connect(line);
    }
  }

  private ofScope({ scopeId }: Line): readonly Line[] {
    return this.lines.all.filter((line) => line.scopeId === scopeId);
  }

  /** In the background, until it worked, or the line is another, or somebody wants it off. */
  async connect(line: Line): Promise<void> {
    const isOurs = () => !this.hasEnded && this.lines.byKey(line.key) === line;
    for (let wait = 1_000; isOurs(); wait = Math.min(60_000, wait * 2)) {
      const isConnected = await this.reconnect(line);
      this.wake();
      if (isConnected || this.gates.connection(line.key)?.state === 'switched-off') return;
      await this.alarm.wait(wait);
    }
  }

  /** @returns whether it is connected now. Throws never. */
  async reconnect(line: Line): Promise<boolean> {
    try {
      if (await this.isOff(line)) return false;
      await this.connectChannel.execute(line);
      // Somebody, perhaps at another replica, may have switched it off meanwhile: the last word is his.
      if (await this.isOff(line)) {
        void this.takeOff(line);
        return false;
      }
      this.gates.connected(line, true);
      return true;
    } catch (error) {
      this.gates.connected(line, false, error);
      return false;
    }
  }

  /** What somebody wants off: until amoCRM has done it, or it is wanted on again. Throws never. */
  private async takeOff(line: Line): Promise<void> {
    const isOurs = () => !this.hasEnded && this.lines.byKey(line.key) === line;
    for (let wait = 1_000; isOurs(); wait = Math.min(60_000, wait * 2)) {
      try {
        if (await this.isOff(line)) await this.disconnectChannel.again(line);
        return;
      } catch {
        await this.alarm.wait(wait);
      }
    }
  }

  private async isOff(line: Line): Promise<boolean> {
    const isOff = await this.switchedOff.has(line.scopeId);
    if (isOff) this.gates.switchedOff(line);
    return isOff;
  }
}
