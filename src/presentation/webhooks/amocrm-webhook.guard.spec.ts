import { ACCOUNT_ID, aLine } from '../../../test/builders.ts';
import { signedBody } from '../../../test/fixtures/fixture.ts';
import { signersOf } from './amocrm-webhook.guard.js';

/** Of the documented example, over its bytes and over its bytes with a newline. */
const SIGNATURE = '5dff6e644cf194e83bc4c84e942a9556aaa32d86';
const WITH_NEWLINE = '67536956030932bfde8c219acce8bb9fe514c2c1';

const OURS = aLine();
const OTHERS = aLine({}, { channelSecret: 'another-secret' });
const RAW = signedBody();
const RAW_NEWLINE = Buffer.concat([RAW, Buffer.from('\n')]);

const signers = (raw: Buffer, header: string | string[] | undefined, lines = [OTHERS, OURS]) =>
  signersOf(raw, header, lines);

describe('the signature of a hook', () => {
  it('is documented over these bytes', () => {
    expect(RAW).toHaveLength(172);
    expect(String(RAW)).toContain(ACCOUNT_ID);
  });

  it.each([
    [RAW, SIGNATURE],
    [RAW, WITH_NEWLINE],
    [RAW_NEWLINE, SIGNATURE],
    [RAW_NEWLINE, WITH_NEWLINE],
    [RAW, SIGNATURE.toUpperCase()],
    [RAW, ` ${SIGNATURE} `],
  ])('tells whose secret it was made with: %#', (raw, header) => {
    expect(signers(raw, header)).toEqual([OURS]);
  });

  it('is that of every line with the same secret', () => {
    expect(signers(RAW, SIGNATURE, [OURS, OTHERS, OURS])).toEqual([OURS, OURS]);
  });

  it.each([
    undefined,
    '',
    'x',
    SIGNATURE.slice(1),
    `${SIGNATURE}0`,
    `0${SIGNATURE.slice(1)}`,
    `z${SIGNATURE.slice(1)}`,
    [SIGNATURE, SIGNATURE],
    // Of the same body with a secret that nobody holds.
    'b90229a4e86dcc5dbd12bcc420de7c5aa6852891',
  ])('is nobody’s when it is %j', (header) => {
    expect(signers(RAW, header)).toEqual([]);
  });

  it('does not fit the same JSON in other bytes', () => {
    const other = Buffer.from(JSON.stringify(JSON.parse(String(RAW)), undefined, 1));
    expect(signers(other, SIGNATURE)).toEqual([]);
    expect(signers(Buffer.from(`${String(RAW)}\n\n`), SIGNATURE)).toEqual([]);
    expect(signers(Buffer.from(`${String(RAW)} `), SIGNATURE)).toEqual([]);
  });

  it('is none where the secret is empty', () => {
    // HMAC-SHA1 with an empty key over nothing.
    const header = 'fbdb1d1b18aa6c08324b7d64b71fb76370690e1d';
    expect(signers(Buffer.alloc(0), header, [aLine({}, { channelSecret: '' })])).toEqual([]);
  });
});
