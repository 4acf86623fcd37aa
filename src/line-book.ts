import { Injectable } from '@nestjs/common';
import type { Config } from './config.js';
import { ConfigError } from './config-error.js';
import { Lines, type Line } from './domain/line.js';
import type { CrmAccount } from './domain/ports.js';
import { toLine, type LineSettings } from './line-settings.js';

type LookUp = (account: CrmAccount) => Promise<string>;

/** The lines and where they come from: they can be read anew while the bridge runs. */
@Injectable()
export class LineBook {
  private constructor(
    readonly lines: Lines,
    private readonly config: Pick<Config, 'reread'>,
    private readonly lookUp: LookUp,
  ) {}

  static async open(config: Pick<Config, 'lines' | 'reread'>, lookUp: LookUp): Promise<LineBook> {
    return new LineBook(new Lines(await toLines(config.lines, lookUp)), config, lookUp);
  }

  /**
   * Reads the file of lines again and takes it all at once.
   * @returns the lines that are new or changed; nothing where the lines stand in the environment
   * @throws {ConfigError} where the file is not whole, AccountUnknown: the lines stay as they are
   */
  async reload(): Promise<readonly Line[] | undefined> {
    if (!this.config.reread) return undefined;
    const next = await toLines(this.config.reread(), this.lookUp);
    const before = new Map(this.lines.all.map((line) => [line.key, written(line)]));
    this.lines.replace(next);
    return next.filter((line) => before.get(line.key) !== written(line));
  }
}

async function toLines(
  settings: readonly LineSettings[],
  lookUp: LookUp,
): Promise<readonly Line[]> {
  const lines: Line[] = [];
  for (const line of settings) {
    lines.push(toLine(line, line.amo.accountId ?? (await lookUp(line.crm))));
  }
  // An account may be given by its id in one line and looked up for another.
  const twice = lines.find(({ key }, i) => lines.findIndex((line) => line.key === key) < i);
  if (!twice) return lines;
  throw new ConfigError([`LINES_FILE has two lines for the channel and source ${twice.key}`]);
}

function written(line: Line): string {
  return JSON.stringify({ ...line, replaces: [...(line.edna.replaces ?? [])] });
}
