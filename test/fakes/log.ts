import { Logger, type LoggerService } from '@nestjs/common';

/** What Nest's loggers were told, for specs about logs. */
export class KeptLog implements LoggerService {
  readonly lines: { readonly level: string; readonly message: unknown }[] = [];

  /** From here on every logger writes here. */
  static begin(): KeptLog {
    const log = new KeptLog();
    Logger.overrideLogger(log);
    return log;
  }

  /** All of it, to look for what must not be there. */
  get text(): string {
    return this.lines.map((line) => JSON.stringify(line)).join('\n');
  }

  log(message: unknown): void {
    this.lines.push({ level: 'log', message });
  }

  warn(message: unknown): void {
    this.lines.push({ level: 'warn', message });
  }

  error(message: unknown): void {
    this.lines.push({ level: 'error', message });
  }
}
