import { createHmac } from 'node:crypto';
import type { ExecutionContext } from '@nestjs/common';
import { aLine } from '../../../test/builders.ts';
import { lineKey, scopeId } from '../../domain/ids.js';
import { Lines, type Line } from '../../domain/line.js';
import {
  AmocrmWebhookGuard,
  TooManyUnknown,
  WrongSignature,
  type SignedRequest,
} from './amocrm-webhook.guard.js';
import { WebhookSettings } from './webhook-settings.js';

const MIB = 1024 * 1024;

/** Of two hundred companies, each with its own secret. */
const LINES: readonly Line[] = Array.from({ length: 200 }, (_, i) => {
  const scope = scopeId('5D0F3A52-7c1e-4b86-9a4d-2e6f8b1c0d37', `account-${i}`);
  return {
    ...aLine({}, { channelSecret: `secret-${i}` }),
    key: lineKey(scope),
    scopeId: scope,
  };
});

describe('the guard of hooks, with many lines', () => {
  let lines: Lines;
  let guard: AmocrmWebhookGuard;
  beforeEach(() => {
    lines = new Lines(LINES);
    guard = new AmocrmWebhookGuard(lines, new WebhookSettings('on'));
  });

  /** The lines that signed it, once it has passed. */
  async function pass(raw: Buffer, secret: string, scope?: string): Promise<SignedRequest> {
    const signature = createHmac('sha1', secret).update(raw).digest('hex');
    const request = {
      headers: { 'x-signature': signature },
      params: scope === undefined ? {} : { scopeId: scope },
      body: raw,
    } as unknown as SignedRequest;
    await guard.canActivate({
      switchToHttp: () => ({ getRequest: () => request }),
    } as ExecutionContext);
    return request;
  }
  const BODY = Buffer.from('{"a":"hook"}');
  const LARGE = Buffer.alloc(MIB, 97);

  it.each([
    ['to its scope', LINES[7]!.scopeId],
    ['to its scope, in capitals', LINES[7]!.scopeId.toUpperCase()],
    ['to another scope', LINES[8]!.scopeId],
    ['to a scope that nobody has', 'nobody_nowhere'],
    ['to no scope', undefined],
  ])('knows who signed a hook %s', async (_, scope) => {
    expect((await pass(BODY, 'secret-7', scope)).signers).toEqual([LINES[7]]);
  });

  it.each([
    ['its scope', LINES[7]!.scopeId],
    ['another scope', LINES[8]!.scopeId],
    ['no scope', undefined],
  ])('knows who signed a hook to %s whose line was removed', async (_, scope) => {
    lines.replace(LINES.filter((line) => line !== LINES[7]));
    expect((await pass(BODY, 'secret-7', scope)).signers).toEqual([LINES[7]]);
  });

  it('does not know a secret that a line had before it was changed', async () => {
    lines.replace([aLine({}, { channelSecret: 'next' })]);
    lines.replace(LINES.map((line) => ({ ...line, amo: { ...line.amo, channelSecret: 'next' } })));
    await expect(pass(BODY, 'secret-7')).rejects.toThrow(WrongSignature);
  });

  it.each([LINES[7]!.scopeId, 'nobody_nowhere', undefined])(
    'refuses one that nobody signed, to %s',
    async (scope) => {
      await expect(pass(BODY, 'forged', scope)).rejects.toThrow(WrongSignature);
    },
  );

  it('serves others while it looks through all secrets for a large body', async () => {
    let turns = 0;
    let isOver = false;
    const count = () => {
      turns += 1;
      if (!isOver) setImmediate(count);
    };
    setImmediate(count);
    await expect(pass(LARGE, 'forged', LINES[7]!.scopeId)).rejects.toThrow(WrongSignature);
    isOver = true;
    expect(turns).toBeGreaterThan(100);
  });

  it('takes what is signed well for its address, however many others it looks at', async () => {
    const forged = Array.from({ length: 5 }, () => pass(LARGE, 'forged').catch((error) => error));
    expect((await pass(LARGE, 'secret-7', LINES[7]!.scopeId)).signers).toEqual([LINES[7]]);
    // One that came to a wrong address finds room as long as it is small.
    expect((await pass(BODY, 'secret-7')).signers).toEqual([LINES[7]]);
    await expect(pass(LARGE, 'secret-7')).rejects.toThrow(TooManyUnknown);
    const ends = (await Promise.all(forged)).map((error) => (error as Error).name);
    expect(ends.toSorted()).toEqual(['TooManyUnknown', ...Array(4).fill('WrongSignature')]);
    expect((await pass(LARGE, 'secret-7')).signers).toEqual([LINES[7]]);
  });
});
