import { createHmac, hkdfSync, randomBytes, timingSafeEqual } from 'node:crypto';

/** How amoCRM's page comes back to us: in the window it was opened in, or in the one that opened it. */
export const MODES = ['post_message', 'popup'] as const;
export type ConsentMode = (typeof MODES)[number];

/** amoCRM's code lives as long. */
export const CONSENT_MS = 20 * 60_000;

/** `<expiry, ms, to the base 36>-<mode>-<signature>` */
const FORM = /^([0-9a-z]{1,11})-([01])-([\w-]{43})$/;

/**
 * The `state` of a consent: it says how the page came to be opened, and goes with a cookie of the same browser alone,
 * so that nobody is led into finishing what somebody else began.
 */
export class ConsentState {
  private readonly key: Buffer;

  /** @param secret `SECRET_KEY` */
  constructor(secret: string) {
    this.key = Buffer.from(hkdfSync('sha256', secret, '', 'bridge amocrm consent', 32));
  }

  issue(mode: ConsentMode, now: Date): { readonly state: string; readonly cookie: string } {
    const cookie = randomBytes(24).toString('base64url');
    const claim = `${(now.getTime() + CONSENT_MS).toString(36)}-${MODES.indexOf(mode)}`;
    return { cookie, state: `${claim}-${this.signature(claim, cookie).toString('base64url')}` };
  }

  /** @param cookie of the browser, where it has one */
  read(state: string, cookie: string | undefined, now: Date): ConsentMode | 'forged' | 'stale' {
    const [, expires = '', mode = '', signature = ''] = FORM.exec(state) ?? [];
    if (!signature || !cookie) return 'forged';
    const right = this.signature(`${expires}-${mode}`, cookie);
    const given = Buffer.from(signature, 'base64url');
    if (given.length !== right.length || !timingSafeEqual(given, right)) return 'forged';
    if (parseInt(expires, 36) <= now.getTime()) return 'stale';
    return MODES[Number(mode)] ?? 'forged';
  }

  private signature(claim: string, cookie: string): Buffer {
    return createHmac('sha256', this.key).update(`${claim}\n${cookie}`).digest();
  }
}
