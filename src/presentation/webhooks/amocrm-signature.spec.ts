import { ACCOUNT_ID, aLine } from '../../../test/builders.ts';
import { signedBody } from '../../../test/fixtures/fixture.ts';
import { signatureIn, signersAmong } from './amocrm-signature.js';

/** Of the documented example, over its bytes and over its bytes with a newline. */
const SIGNATURE = '5dff6e644cf194e83bc4c84e942a9556aaa32d86';
const WITH_NEWLINE = '67536956030932bfde8c219acce8bb9fe514c2c1';

const OURS = aLine();
const OTHERS = aLine({}, { channelSecret: 'another-secret' });
const RAW = signedBody();
const RAW_NEWLINE = Buffer.concat([RAW, Buffer.from('\n')]);

const signers = async (
  raw: Buffer,
  header: string | string[] | undefined,
  lines = [OTHERS, OURS],
) => {
  const signature = signatureIn(header);
  return signature ? signersAmong(lines, raw, signature) : [];
};

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
  ])('tells whose secret it was made with: %#', async (raw, header) => {
    expect(await signers(raw, header)).toEqual([OURS]);
  });

  it('is that of every line with the same secret', async () => {
    expect(await signers(RAW, SIGNATURE, [OURS, OTHERS, OURS])).toEqual([OURS, OURS]);
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
  ])('is nobody’s when it is %j', async (header) => {
    expect(await signers(RAW, header)).toEqual([]);
  });

  it('does not fit the same JSON in other bytes', async () => {
    const other = Buffer.from(JSON.stringify(JSON.parse(String(RAW)), undefined, 1));
    expect(await signers(other, SIGNATURE)).toEqual([]);
    expect(await signers(Buffer.from(`${String(RAW)}\n\n`), SIGNATURE)).toEqual([]);
    expect(await signers(Buffer.from(`${String(RAW)} `), SIGNATURE)).toEqual([]);
  });

  it('is none where the secret is empty', async () => {
    // HMAC-SHA1 with an empty key over nothing.
    const header = 'fbdb1d1b18aa6c08324b7d64b71fb76370690e1d';
    expect(await signers(Buffer.alloc(0), header, [aLine({}, { channelSecret: '' })])).toEqual([]);
  });
});
