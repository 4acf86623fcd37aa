import { createHash } from 'node:crypto';
import { Injectable, Logger } from '@nestjs/common';
import type { Request, Response } from 'express';
import { ApiCalls, type Begun, type CallAnswer } from '../../domain/api.js';
import { Alarm } from '../dispatcher/alarm.js';
import { plainError } from '../plain-error.js';
import { rawBody } from '../webhooks/raw-body.js';
import { readJson } from '../webhooks/json.js';
import { apiAnswerOf, ApiRefusal } from './api-errors.js';

/** Longer than any program waits for an answer; amoCRM may ask us to wait for minutes. */
const PATIENCE_MS = 30_000;

export const KEY_HEADER = 'Idempotency-Key';
export const REPLAYED_HEADER = 'Idempotency-Replayed';

/** How a call that is to be done now was begun. */
export interface Call {
  /** Undefined where it came without one. */
  readonly key?: string;
  /** It was begun before, at `since`, and nobody knows how that ended. */
  readonly again: boolean;
  readonly since?: Date;
}

/** Does each call once, by the key that the caller gave it. */
@Injectable()
export class Once {
  private readonly logger = new Logger(Once.name);

  constructor(
    private readonly calls: ApiCalls,
    private readonly alarm: Alarm,
  ) {}

  /**
   * Does a call, or answers as before where its key has been used for the same call.
   * A key whose call ended in trouble of ours or amoCRM's is as good as new for the same call.
   * @param work what is to be done; may be done again where nobody knows how it ended
   * @throws {ApiRefusal} 400 without a key or with a bad one, 409 while it is being done, 422 for another call
   */
  async answer(
    request: Request,
    response: Response,
    keyIs: 'required' | 'honoured',
    work: (call: Call) => Promise<CallAnswer>,
  ): Promise<unknown> {
    const key = keyOf(request);
    if (key === undefined) {
      if (keyIs === 'required') throw NO_KEY;
      return send(response, await work({ again: false }));
    }
    const begun = await this.calls.begin(key, fingerprintOf(request));
    if (begun.state === 'other') throw REUSED;
    if (begun.state === 'running') throw RUNNING;
    if (begun.state === 'answered') {
      response.setHeader(REPLAYED_HEADER, 'true');
      return send(response, begun.answer);
    }
    return send(response, await this.patiently(this.finish(key, begun, work)));
  }

  /** What was begun is brought to its end, whether or not anybody waits for it. */
  private async finish(
    key: string,
    { again, since }: Extract<Begun, { state: 'mine' }>,
    work: (call: Call) => Promise<CallAnswer>,
  ): Promise<CallAnswer> {
    try {
      const answer = await work({ key, again, ...(again && { since }) });
      await this.calls.remember(key, answer);
      return answer;
    } catch (error) {
      await this.end(key, error);
      throw error;
    }
  }

  /** A no is an answer; trouble is none. */
  private async end(key: string, error: unknown): Promise<void> {
    const { status = 500, ...body } = apiAnswerOf(error) ?? {};
    try {
      if (status < 500) await this.calls.remember(key, { status, body });
      else await this.calls.leave(key);
    } catch (fault) {
      // The repeat finds that nobody does it any more.
      this.logger.error({ msg: 'the end of a call was not kept', error: plainError(fault) });
    }
  }

  private async patiently(work: Promise<CallAnswer>): Promise<CallAnswer> {
    work.catch(() => undefined);
    let timer: { cancel(): void } | undefined;
    const tooLong = new Promise<never>((_, reject) => {
      timer = this.alarm.after(PATIENCE_MS, () => reject(STILL_RUNNING));
    });
    try {
      return await Promise.race([work, tooLong]);
    } finally {
      timer?.cancel();
    }
  }
}

const NO_KEY = new ApiRefusal(
  400,
  'idempotency-key-missing',
  'Send the header Idempotency-Key: any text that stands for this one call, such as a UUID. A repeat of the call has the same.',
);
const BAD_KEY = new ApiRefusal(
  400,
  'idempotency-key-invalid',
  'Idempotency-Key is 1 to 255 visible ASCII characters, without blanks.',
);
export const REUSED = new ApiRefusal(
  422,
  'idempotency-key-reused',
  'This Idempotency-Key stands for another call. Give this one a key of its own.',
);
const RUNNING = new ApiRefusal(
  409,
  'idempotency-key-running',
  'The call with this Idempotency-Key is being done. Repeat it in a moment.',
);
const STILL_RUNNING = new ApiRefusal(
  504,
  'still-running',
  'amoCRM has not answered yet. Repeat with the same Idempotency-Key to learn how it ended.',
);

/** @throws {ApiRefusal} */
function keyOf({ headers }: Request): string | undefined {
  const key = headers['idempotency-key'];
  if (key === undefined) return undefined;
  if (typeof key !== 'string' || !/^[\x21-\x7e]{1,255}$/.test(key)) throw BAD_KEY;
  return key;
}

/** The same call, however its body is laid out. */
function fingerprintOf(request: Request): string {
  const facts = [request.method, request.originalUrl, bodyOf(rawBody(request))];
  return createHash('sha256').update(JSON.stringify(facts)).digest('hex');
}

/** A route that reads no body takes any. */
function bodyOf(raw: Buffer): unknown {
  try {
    return raw.length > 0 ? inOrder(readJson(raw)) : [];
  } catch {
    return raw.toString('base64');
  }
}

/** Keys of an object may come in any order. */
function inOrder(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inOrder);
  if (typeof value !== 'object' || value === null) return value;
  return Object.entries(value)
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
    .map(([key, inner]) => [key, inOrder(inner)]);
}

function send(response: Response, { status, body }: CallAnswer): unknown {
  response.status(status);
  return body;
}
