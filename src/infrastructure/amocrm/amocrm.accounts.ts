import { Injectable } from '@nestjs/common';
import { Lines, type Line } from '../../domain/line.js';
import { Http } from '../http.js';
import { SharedPace } from '../journal/shared-pace.js';
import { AmocrmRest, notSet, Pause, Turns, type RestAccess } from './amocrm.rest.js';
import { AmocrmTokens } from './amocrm.tokens.js';

/** REST v4 of every account there is a line to. */
@Injectable()
export class AmocrmAccounts {
  private readonly turns: Turns;

  constructor(
    private readonly http: Http,
    private readonly tokens: AmocrmTokens,
    private readonly pause: Pause,
    private readonly lines: Lines,
    pace: SharedPace,
  ) {
    // While the journal is away each process keeps to its own pace.
    this.turns = new Turns((gapMs) => pace.take('amocrm.rest', gapMs).catch(() => 0));
  }

  of(line: Line): AmocrmRest {
    const { tokens } = this;
    const access: RestAccess = {
      get isOpen() {
        return tokens.isOpen(line);
      },
      pass: () => tokens.of(line),
      instead: (refused) => tokens.instead(line, refused),
    };
    return new AmocrmRest(this.http, access, this.pause, this.turns, line.amo.accountId);
  }

  /** For what is no line's own: the account of the line that stands first, whenever it is asked. */
  ofFirst(): AmocrmRest {
    const { lines, tokens } = this;
    const first = (): Line => {
      const [line] = lines.all;
      if (!line) throw notSet();
      return line;
    };
    const access: RestAccess = {
      get isOpen() {
        return lines.all[0] !== undefined && tokens.isOpen(lines.all[0]);
      },
      pass: async () => tokens.of(first()),
      instead: async (refused) => tokens.instead(first(), refused),
    };
    const account = lines.all[0]?.amo.accountId;
    return new AmocrmRest(this.http, access, this.pause, this.turns, account);
  }
}
