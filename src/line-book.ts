import { Injectable } from '@nestjs/common';
import type { Config } from './config.js';
import { ConfigError } from './config-error.js';
import type { LineKey } from './domain/ids.js';
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
    private tokens: ReadonlyMap<LineKey, string>,
  ) {}

  static async open(config: Pick<Config, 'lines' | 'reread'>, lookUp: LookUp): Promise<LineBook> {
    const lines = await toLines(config.lines, lookUp);
    return new LineBook(new Lines(lines), config, lookUp, tokensOf(lines, config.lines));
  }

  /** The long-lived token that the settings have for a line's account. */
  tokenOf(line: LineKey): string | undefined {
    return this.tokens.get(line);
  }

  /**
   * Reads the file of lines again and takes it all at once.
   * @returns the lines that are new or changed; nothing where the lines stand in the environment
   * @throws {ConfigError} where the file is not whole, AccountUnknown: the lines stay as they are
   */
  async reload(): Promise<readonly Line[] | undefined> {
    if (!this.config.reread) return undefined;
    const settings = this.config.reread();
    const next = await toLines(settings, this.lookUp);
    const before = new Map(this.lines.all.map((line) => [written(line), line]));
    // Who holds a line that has not changed, be it a try to connect or a hook being read, holds the same one after.
    const lines = next.map((line) => before.get(written(line)) ?? line);
    const changed = lines.filter((line) => !this.lines.all.includes(line));
    this.lines.replace(lines);
    this.tokens = tokensOf(lines, settings);
    return changed;
  }
}

async function toLines(
  settings: readonly LineSettings[],
  lookUp: LookUp,
): Promise<readonly Line[]> {
  const lines: Line[] = [];
  const asked = async (line: LineSettings, i: number): Promise<string> => {
    try {
      return await lookUp(line.crm);
    } catch (error) {
      if (settings.length > 1 && error instanceof Error) {
        error.message = `LINES_FILE lines[${i}]${line.name ? ` (${line.name})` : ''}: ${error.message}`;
      }
      throw error;
    }
  };
  // amoCRM answers an account seven times a second, and one may have many lines.
  const known = new Map<string, string>();
  for (const [i, line] of settings.entries()) {
    const { accountId } = line.amo;
    const account = JSON.stringify(line.crm);
    const id = accountId ?? known.get(account) ?? (await asked(line, i));
    if (accountId === undefined) known.set(account, id);
    lines.push(toLine(line, id));
  }
  // An account may be given by its id in one line and looked up for another.
  const keys = lines.map(({ key }) => key);
  const twice = lines.find(({ key }, i) => keys.indexOf(key) < i);
  if (twice) {
    throw new ConfigError([`LINES_FILE has two lines for the channel and source ${twice.key}`]);
  }
  const i = lines.findIndex((line) => {
    return lines.some((other) => other !== line && other.key === line.name);
  });
  if (i >= 0) throw new ConfigError([`LINES_FILE lines[${i}].name is the key of another line`]);
  return lines;
}

/** @param settings of the lines, in their order */
function tokensOf(lines: readonly Line[], settings: readonly LineSettings[]) {
  return new Map(
    lines.flatMap(({ key }, i) => {
      const token = settings[i]?.crm.token;
      return token ? [[key, token] as const] : [];
    }),
  );
}

function written(line: Line): string {
  return JSON.stringify({ ...line, replaces: [...(line.edna.replaces ?? [])] });
}
