import { request as plainRequest, type IncomingMessage } from 'node:http';
import { request as tlsRequest } from 'node:https';
import { Injectable, Optional } from '@nestjs/common';
import { plainType } from '../../domain/file-types.js';
import { MediaFault, MediaSource, type FileFacts, type OpenedFile } from '../../domain/media.js';
import { boundedLookup } from './bounded-lookup.js';
import { isAsked } from './byte-range.js';
import { errorCode } from './error-code.js';
import { GuardedAgents } from './guarded-agents.js';
import { MediaLimits } from './media-limits.js';
import { metered } from './metered.js';

/** More are no way to a file but a way around a check. */
const MOST_REDIRECTS = 3;
const REDIRECTS = new Set([301, 302, 303, 307, 308]);
/** The source is there, and the file is not, or not for us: a signed link that has expired answers 403. */
const GONE = new Set([401, 403, 404, 410]);

interface Question {
  readonly method: 'GET' | 'HEAD';
  readonly range?: string;
}

/** Fetches files over HTTP, streaming; follows redirects by itself, so that each is checked. */
@Injectable()
export class HttpMediaSource extends MediaSource {
  private readonly lookup: MediaLimits['lookup'];

  constructor(
    private readonly agents: GuardedAgents,
    @Optional() private readonly limits: MediaLimits = new MediaLimits(),
  ) {
    super();
    this.lookup = boundedLookup(limits.lookup);
  }

  override async open(
    url: string,
    ask: { readonly range?: string; readonly mostBytes: number; readonly signal?: AbortSignal },
  ): Promise<OpenedFile> {
    const { range, mostBytes, signal } = ask;
    const answer = await this.ask(url, { method: 'GET', range }, this.limits.headMs, signal);
    try {
      return this.opened(answer, mostBytes, range);
    } catch (error) {
      answer.destroy();
      throw error;
    }
  }

  override async facts(url: string, withinMs: number): Promise<FileFacts> {
    const deadline = performance.now() + withinMs;
    const head = await this.factsBy(url, { method: 'HEAD' }, withinMs);
    // Servers that build a file for each GET tell HEAD of an empty one.
    if (head.sizeBytes) return head;
    const leftMs = deadline - performance.now();
    const get = await this.factsBy(url, { method: 'GET', range: 'bytes=0-0' }, leftMs);
    const mimeType = get.mimeType ?? head.mimeType;
    return { ...get, ...(mimeType && { mimeType }) };
  }

  private async factsBy(url: string, question: Question, withinMs: number): Promise<FileFacts> {
    if (withinMs <= 0) return {};
    try {
      const answer = await this.ask(url, question, withinMs);
      answer.destroy();
      const { statusCode, headers } = answer;
      if (statusCode !== 200 && statusCode !== 206) return {};
      const sizeBytes = wholeSize(answer);
      const mimeType = plainType(headers['content-type']);
      return { ...(sizeBytes !== undefined && { sizeBytes }), ...(mimeType && { mimeType }) };
    } catch {
      return {};
    }
  }

  private opened(answer: IncomingMessage, mostBytes: number, range?: string): OpenedFile {
    const { statusCode: status = 0, headers } = answer;
    if (status !== 200 && status !== 206 && status !== 416) {
      const trouble = GONE.has(status) ? 'gone' : 'unreachable';
      throw new MediaFault(trouble, `the source answered ${status}`);
    }
    // Whoever gets another part than he asked for puts together a file that never was.
    const isOther = status === 206 && !isAsked(range ?? '', headers['content-range']);
    if (isOther || (status === 416 && range === undefined)) {
      throw new MediaFault('unreachable', 'the source answered with a part nobody asked for');
    }
    const size = wholeSize(answer);
    if (status !== 416 && size !== undefined && size > mostBytes) {
      throw new MediaFault('too-large', `${size} bytes, ${mostBytes} at most`);
    }
    return {
      status,
      mimeType: plainType(headers['content-type']),
      encoding: headers['content-encoding'],
      sizeBytes: numberOf(headers['content-length']),
      range: headers['content-range'],
      acceptsRanges: status === 206 || headers['accept-ranges'] === 'bytes',
      bytes: metered(answer, mostBytes, this.limits),
      close: () => void answer.destroy(),
    };
  }

  /** The head of the answer at the end of the redirects; its body is left to come. @throws {MediaFault} */
  private async ask(
    address: string,
    question: Question,
    headMs: number,
    signal?: AbortSignal,
  ): Promise<IncomingMessage> {
    if (!URL.canParse(address)) throw new MediaFault('refused', 'no address');
    const slow = new AbortController();
    const timer = setTimeout(() => slow.abort(), headMs);
    const stop = signal ? AbortSignal.any([signal, slow.signal]) : slow.signal;
    try {
      let url = new URL(address);
      for (let redirects = 0; ; redirects += 1) {
        const answer = await this.request(url, question, stop);
        const { statusCode = 0, headers } = answer;
        if (!REDIRECTS.has(statusCode) || headers.location === undefined) return answer;
        answer.destroy();
        if (redirects === MOST_REDIRECTS) throw new MediaFault('refused', 'too many redirects');
        if (!URL.canParse(headers.location, url.href))
          throw new MediaFault('refused', 'no address');
        url = new URL(headers.location, url);
      }
    } catch (error) {
      throw toFault(error, slow.signal.aborted);
    } finally {
      clearTimeout(timer);
    }
  }

  private request(url: URL, question: Question, signal: AbortSignal): Promise<IncomingMessage> {
    const connection = this.agents.for(url, this.lookup);
    const headers = {
      'User-Agent': 'edna-amocrm-bridge',
      // Sizes and ranges are those of the file itself.
      'Accept-Encoding': 'identity',
      ...(question.range && { Range: question.range }),
    };
    return new Promise((resolve, reject) => {
      const send = url.protocol === 'https:' ? tlsRequest : plainRequest;
      send(url, { method: question.method, headers, signal, ...connection }, resolve)
        .on('error', reject)
        .end();
    });
  }
}

function toFault(error: unknown, isSlow: boolean): MediaFault {
  if (error instanceof MediaFault) return error;
  if (GuardedAgents.refused(error)) return new MediaFault('refused', 'not a public address');
  if (isSlow) return new MediaFault('too-slow', 'the source did not begin to answer', error);
  return new MediaFault('unreachable', `the source: ${errorCode(error) ?? 'network-fault'}`, error);
}

/** Of the file, not of the part that comes. */
function wholeSize({ statusCode, headers }: IncomingMessage): number | undefined {
  const ofRange = /\/(\d+)$/.exec(headers['content-range'] ?? '')?.[1];
  return numberOf(statusCode === 206 ? ofRange : headers['content-length']);
}

function numberOf(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}
