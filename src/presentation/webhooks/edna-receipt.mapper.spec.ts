import { aLine, aPost, SCOPE } from '../../../test/builders.ts';
import { lineKey, outboundSourceId, scopeId } from '../../domain/ids.js';
import { Lines, type Line } from '../../domain/line.js';
import type { PostContext } from './edna-line.js';
import { toReceipt, toReceiptEvents } from './edna-receipt.mapper.js';

const POST = aPost(new Date());
const REQUEST = '8f0d7f0e-5a5b-4f0a-9a53-0b6d0f3f7c11';

describe('toReceipt', () => {
  it.each([
    ['SENT', 'sent'],
    ['DELIVERED', 'delivered'],
    ['READ', 'read'],
    ['UNDELIVERED', 'failed'],
    ['FAILED', 'failed'],
    ['CANCELLED', 'failed'],
    ['EXPIRED', 'failed'],
    ['NO_MATCH_TEMPLATE', 'failed'],
    ['INVALID', 'failed'],
    ['REJECTED', 'failed'],
  ])('reads %s as %s, in any case and spelling', (word, status) => {
    const title = word.charAt(0) + word.slice(1).toLowerCase();
    for (const spelt of [word, word.toLowerCase(), title, word.replaceAll('_', '-'), ` ${word} `]) {
      expect(toReceipt(spelt, '')).toMatchObject({ status });
    }
  });

  it.each(['DELAYED', 'ENQUEUED', 'enqueued'])('has no mark for %s', (status) => {
    expect(toReceipt(status, '')).toEqual({ type: 'ignored', why: 'pending-status' });
  });

  it.each([
    ['SEEN', 'SEEN'],
    ['delivered-maybe', 'DELIVERED_MAYBE'],
    ['', ''],
    ['constructor', 'CONSTRUCTOR'],
    ['to 79995550142: ok!', 'TO_79995550142_OK'],
  ])('never takes the unknown status %j for an arrival', (status, detail) => {
    expect(toReceipt(status, '')).toEqual({ type: 'ignored', why: 'unknown-status', detail });
  });

  it.each([
    ['UNDELIVERED', 'not-whatsapp-user', { key: 'no-messenger', args: { channel: 'WhatsApp' } }],
    ['UNDELIVERED', 'NOT_VIBER_USER', { key: 'no-messenger', args: { channel: 'Viber' } }],
    ['UNDELIVERED', 'user-blocked', { key: 'client-blocked' }],
    ['UNDELIVERED', '', { key: 'not-accepted', args: { code: 'UNDELIVERED' } }],
    ['UNDELIVERED', 'odd', { key: 'not-accepted', args: { code: 'odd' } }],
    ['FAILED', '', { key: 'edna-fault' }],
    ['FAILED', 'error-system', { key: 'edna-fault' }],
    ['FAILED', 'error-system-blocked', { key: 'edna-fault' }],
    ['FAILED', 'error-subject-unknown', { key: 'channel-off' }],
    ['FAILED', 'error-subject-format', { key: 'channel-off' }],
    ['FAILED', 'subject is locked', { key: 'channel-off' }],
    [
      'FAILED',
      'error-subject-id-format',
      { key: 'not-accepted', args: { code: 'error-subject-id-format' } },
    ],
    ['FAILED', 'error-unauthorized', { key: 'edna-refused', args: { code: 'error-unauthorized' } }],
    ['FAILED', 'error-address-format', { key: 'bad-number' }],
    ['FAILED', 'error-address-not-specified', { key: 'bad-number' }],
    ['FAILED', 'error-insufficient-balance', { key: 'no-money' }],
    ['FAILED', 'insufficient funds', { key: 'no-money' }],
    ['FAILED', 'error-attachment-url-not-specified', { key: 'file-failed' }],
    [
      'FAILED',
      'attachmentName-is-too-long',
      { key: 'not-accepted', args: { code: 'attachmentName-is-too-long' } },
    ],
    [
      'FAILED',
      'error-content-format',
      { key: 'not-accepted', args: { code: 'error-content-format' } },
    ],
    ['FAILED', 'matched-template-not-found', { key: 'window-closed' }],
    ['FAILED', 'error-not-template-match', { key: 'window-closed' }],
    ['FAILED', '131047: Re-engagement message', { key: 'window-closed' }],
    ['FAILED', 'error-content-do-not-match-hsm-template', { key: 'template-mismatch' }],
    ['EXPIRED', '', { key: 'expired' }],
    ['EXPIRED', 'odd', { key: 'expired' }],
    ['CANCELLED', '', { key: 'cancelled' }],
    ['CANCELLED', 'odd', { key: 'cancelled' }],
    ['CANCELLED', 'error-insufficient-balance', { key: 'no-money' }],
    ['NO-MATCH-TEMPLATE', '', { key: 'window-closed' }],
    ['INVALID', '', { key: 'not-accepted', args: { code: 'INVALID' } }],
    ['REJECTED', 'odd', { key: 'not-accepted', args: { code: 'odd' } }],
  ])('tells the manager why: %s with %j', (status, error, reason) => {
    expect(toReceipt(status, error)).toEqual({ status: 'failed', reason });
  });

  it('keeps a code short enough to stand in brackets', () => {
    expect(toReceipt('FAILED', `x\n${'y'.repeat(500)}`)).toMatchObject({
      reason: { args: { code: `x ${'y'.repeat(38)}` } },
    });
  });

  it('gives no reason for what did not fail, whatever the error says', () => {
    expect(toReceipt('DELIVERED', 'user-blocked')).toEqual({ status: 'delivered' });
  });
});

describe('toReceiptEvents', () => {
  const event = (news: object) =>
    toReceiptEvents({ status: 'READ', ...news }, POST, 'requestId')[0];

  it('names the message in every way the body does', () => {
    expect(event({ requestId: REQUEST, messageId: 903311, comment: 'amo:7b1c' })).toEqual({
      type: 'receipt',
      line: SCOPE,
      requestId: REQUEST,
      messengerId: '903311',
      messageId: outboundSourceId(SCOPE, '7b1c'),
      receipt: { status: 'read' },
    });
  });

  it('goes by the id of edna alone where it is all there is', () => {
    expect(
      event({ requestId: null, messageId: '9223372036854775807', comment: 'spring sale' }),
    ).toEqual({
      type: 'receipt',
      line: SCOPE,
      messengerId: '9223372036854775807',
      receipt: { status: 'read' },
    });
  });

  it('keeps news of nothing for the operator', () => {
    const reason = 'invalid: requestId';
    expect(event({ requestId: null, comment: '' })).toEqual({ type: 'quarantine', reason });
    expect(event({ comment: 'not ours' })).toEqual({ type: 'quarantine', reason });
  });

  it('keeps news of a channel that no line takes', () => {
    const post = aPost(new Date(), new Lines([aLine({ channels: ['71844'] })]));
    expect(
      toReceiptEvents({ status: 'READ', messageId: '77', subjectId: 5 }, post, 'requestId')[0],
    ).toEqual({ type: 'quarantine', reason: 'no-line' });
  });
});

describe('news among several lines', () => {
  const line = (name: string, channels: readonly string[], tokens = ['a']): Line => {
    const scope = scopeId('channel', name);
    return { ...aLine({ channels, webhookTokens: tokens }), key: lineKey(scope), scopeId: scope };
  };
  const shop = line('shop', ['1']);
  const garage = line('garage', ['2']);
  const foreign = line('foreign', ['3'], ['b']);
  const post = { ...aPost(new Date(), new Lines([shop, garage, foreign])), opened: [shop, garage] };
  const linesOf = (news: object) =>
    toReceiptEvents({ status: 'READ', ...news }, post, 'requestId').map((event) =>
      'line' in event ? event.line : event,
    );

  it.each([
    ['the messenger’s id', { messageId: '77' }],
    ['the comment', { comment: 'amo:7b1c' }],
  ])('that name no channel and only %s are for each line that the token opens', (_, news) => {
    expect(linesOf(news)).toEqual([shop.key, garage.key]);
  });

  it('that name no channel and a request id are looked for once', () => {
    expect(linesOf({ requestId: REQUEST })).toHaveLength(1);
  });

  it('with a request id are no worse for a channel that no line has any more', () => {
    expect(linesOf({ requestId: REQUEST, subjectId: 9 })).toEqual([shop.key]);
    expect(linesOf({ messageId: '77', subjectId: 9 })).toEqual([
      { type: 'quarantine', reason: 'no-line' },
    ]);
  });

  it('of a channel of others stay out, whatever they name', () => {
    const kept = [{ type: 'quarantine', reason: 'wrong-secret' }];
    expect(linesOf({ requestId: REQUEST, subjectId: 3 })).toEqual(kept);
    expect(linesOf({ messageId: '77', subjectId: 3 })).toEqual(kept);
  });

  it('say which lines are others’, whose messages no request id may name', () => {
    const closedIn = (context: PostContext) =>
      toReceiptEvents({ status: 'READ', requestId: REQUEST }, context, 'requestId').map((event) =>
        'closed' in event ? event.closed : undefined,
      );
    const withKey = { ...foreign, edna: { ...foreign.edna, apiKey: 'another' } };
    const lines = new Lines([shop, garage, withKey]);
    expect(closedIn({ ...post, lines })).toEqual([[withKey.key]]);
    expect(closedIn({ ...post, lines, opened: [withKey] })).toEqual([[shop.key, garage.key]]);
    expect(closedIn({ ...post, lines, opened: lines.all })).toEqual([undefined]);
  });

  it('count those with the same key of edna as one company’s, whichever token came', () => {
    const [event] = toReceiptEvents({ status: 'READ', requestId: REQUEST }, post, 'requestId');
    expect(event).not.toHaveProperty('closed');
  });
});
