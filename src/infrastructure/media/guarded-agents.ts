import { Agent as PlainAgent } from 'node:http';
import { Agent as TlsAgent } from 'node:https';
import { Injectable } from '@nestjs/common';
import { RequestFilteringHttpAgent, RequestFilteringHttpsAgent } from 'request-filtering-agent';
import { Lines } from '../../domain/line.js';
import { MediaFault } from '../../domain/media.js';

/**
 * Connections to servers that somebody else has named. Addresses that are not public (loopback, private, link-local,
 * a cloud's metadata) are refused after the name is looked up and before a connection is opened, so a name that
 * changes its mind gains nothing. The only exceptions are the platforms' own servers, which the operator named.
 */
@Injectable()
export class GuardedAgents {
  private readonly guarded = {
    'http:': new RequestFilteringHttpAgent(OPTIONS),
    'https:': new RequestFilteringHttpsAgent(OPTIONS),
  };
  private readonly trusted = {
    'http:': new PlainAgent(OPTIONS),
    'https:': new TlsAgent(OPTIONS),
  };
  private readonly origins: ReadonlySet<string>;

  constructor(lines: Lines) {
    const bases = lines.all.flatMap(({ edna, amo }) => [edna.baseUrl, amo.baseUrl]);
    this.origins = new Set(
      bases.filter((base) => URL.canParse(base)).map((base) => new URL(base).origin),
    );
  }

  /** @throws {MediaFault} `refused`, where it is no web address or carries a name and a password */
  for(url: URL): PlainAgent {
    const { protocol, username, password, origin } = url;
    if (protocol !== 'http:' && protocol !== 'https:') {
      throw new MediaFault('refused', 'not a web address');
    }
    if (username !== '' || password !== '') {
      throw new MediaFault('refused', 'an address with a password');
    }
    return this.origins.has(origin) ? this.trusted[protocol] : this.guarded[protocol];
  }

  /** Whether it was the guard that said no: the package tells it in words alone. */
  static refused(error: unknown): boolean {
    const { message } = (error ?? {}) as { readonly message?: unknown };
    return typeof message === 'string' && /is not allowed\. Because,? /.test(message);
  }
}

/** Files come seldom and from many hosts: a connection is not kept. */
const OPTIONS = { keepAlive: false };
