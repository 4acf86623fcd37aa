import { createHmac, timingSafeEqual } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { markOf } from '../../domain/ids.js';
import { Lines, secretsOf, type Line } from '../../domain/line.js';
import { MediaLinks, type FiledFile, type ReadLink } from '../../domain/media.js';
import { Settings } from '../../domain/settings.js';
import { Clock } from '../clock.js';

const DAY_MS = 24 * 60 * 60_000;

/** edna fetches a manager's file within seconds; a week also covers an operator who sends it again. */
const OUTBOUND_DAYS = 7;

/** 128 bits of a signature are beyond guessing, and keep the address short. */
const SIGNATURE_BYTES = 16;

/** `<i|o><row>-<mark>-<expiry, s>-<signature>`; row and expiry to the base 36. */
const TOKEN = /^([io])([0-9a-z]{1,11})-([0-9a-f]{8})-([0-9a-z]{1,9})-([\w-]{22})$/;

/** Links that are signed with a key made of the channel's secret, so that nothing more is to be configured. */
@Injectable()
export class SignedMediaLinks extends MediaLinks {
  constructor(
    private readonly lines: Lines,
    private readonly settings: Settings,
    private readonly clock: Clock,
  ) {
    super();
  }

  override to(
    file: Pick<FiledFile, 'messageId' | 'direction' | 'sourceId'> & { readonly since: Date },
    name: string,
    line: Line,
  ): string | undefined {
    const { publicUrl, mediaDays } = this.settings;
    if (publicUrl === undefined) return undefined;
    const days = file.direction === 'inbound' ? mediaDays : OUTBOUND_DAYS;
    const expires = Math.ceil((file.since.getTime() + days * DAY_MS) / 1000);
    const row = `${file.direction[0]}${file.messageId.toString(36)}`;
    const claim = `${row}-${markOf(file.sourceId)}-${expires.toString(36)}`;
    const signature = signatureOf(claim, line, line.amo.channelSecret);
    const token = `${claim}-${signature.toString('base64url')}`;
    return `${publicUrl}/media/${token}/${encodeURIComponent(name)}`;
  }

  override read(token: string): ReadLink {
    const [, side, id = '', mark = '', expires = '', signature = ''] = TOKEN.exec(token) ?? [];
    if (side === undefined || this.settings.publicUrl === undefined) return 'forged';
    const claim = `${side}${id}-${mark}-${expires}`;
    const given = Buffer.from(signature, 'base64url');
    const line = this.lines.all.find((one) =>
      secretsOf(one).some((secret) => isSame(given, signatureOf(claim, one, secret))),
    );
    if (!line) return 'forged';
    if (parseInt(expires, 36) * 1000 <= this.clock.now().getTime()) return 'expired';
    const direction = side === 'i' ? 'inbound' : 'outbound';
    return { messageId: parseInt(id, 36), mark, direction, line };
  }
}

/** Two lines may share a channel and its secret, so the line's own key is signed with the claim. */
function signatureOf(claim: string, line: Line, secret: string): Buffer {
  const key = createHmac('sha256', secret).update('bridge media links').digest();
  return createHmac('sha256', key)
    .update(`${line.key}\n${claim}`)
    .digest()
    .subarray(0, SIGNATURE_BYTES);
}

function isSame(given: Buffer, right: Buffer): boolean {
  return given.length === right.length && timingSafeEqual(given, right);
}
