import type { lookup as systemLookup, LookupAddress } from 'node:dns';
import { Agent as PlainAgent } from 'node:http';
import { Agent as TlsAgent } from 'node:https';
import { Injectable } from '@nestjs/common';
import { RequestFilteringHttpAgent, RequestFilteringHttpsAgent } from 'request-filtering-agent';
import { Lines } from '../../domain/line.js';
import { MediaFault } from '../../domain/media.js';

/**
 * Addresses that are not public, though the package takes them for it: IPv4 within IPv6 as it was once written
 * (`::7f00:1` is 127.0.0.1; RFC 4291 section 2.5.5.1), and where a machine on Azure is told its secrets
 * (learn.microsoft.com/azure/virtual-network/what-is-ip-address-168-63-129-16).
 */
const ALSO_OURS = /^(?:::(?:[\da-f]{1,4}:)?[\da-f]{1,4}|168\.63\.129\.16)$/i;

/** What a request is made with. */
interface Connection {
  readonly agent: PlainAgent;
  readonly lookup: typeof systemLookup;
}

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

  constructor(private readonly lines: Lines) {}

  /**
   * @param lookup how names become addresses
   * @throws {MediaFault} `refused`, where it is no web address, or carries a name and a password
   */
  for(url: URL, lookup: typeof systemLookup): Connection {
    const { protocol, username, password, origin, hostname } = url;
    if (protocol !== 'http:' && protocol !== 'https:') {
      throw new MediaFault('refused', 'not a web address');
    }
    if (username !== '' || password !== '') {
      throw new MediaFault('refused', 'an address with a password');
    }
    if (this.isOperators(origin)) return { agent: this.trusted[protocol], lookup };
    if (ALSO_OURS.test(hostname.replace(/^\[|\]$/g, ''))) throw notPublic();
    return { agent: this.guarded[protocol], lookup: withoutOurs(lookup) };
  }

  private isOperators(origin: string): boolean {
    const bases = this.lines.all.flatMap(({ edna, amo }) => [edna.baseUrl, amo.baseUrl]);
    return bases.some((base) => URL.canParse(base) && new URL(base).origin === origin);
  }

  /** Whether it was the guard that said no: the package tells it in words alone. */
  static refused(error: unknown): boolean {
    const { message } = (error ?? {}) as { readonly message?: unknown };
    return typeof message === 'string' && /is not allowed\. Because,? /.test(message);
  }
}

function notPublic(): MediaFault {
  return new MediaFault('refused', 'not a public address');
}

function withoutOurs(lookup: typeof systemLookup): typeof systemLookup {
  type Tell = (error: unknown, found?: string | LookupAddress[], family?: number) => void;
  const checked = (name: string, options: object, tell: Tell) =>
    (lookup as (name: string, options: object, tell: Tell) => void)(name, options, (...told) => {
      const [error, found = []] = told;
      const all = typeof found === 'string' ? [found] : found.map(({ address }) => address);
      if (!error && all.some((address) => ALSO_OURS.test(address))) tell(notPublic());
      else tell(...told);
    });
  return checked as unknown as typeof systemLookup;
}

/** Files come seldom and from many hosts: a connection is not kept. */
const OPTIONS = { keepAlive: false };
