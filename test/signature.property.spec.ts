import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { signatureIn, signersAmong } from '../src/presentation/webhooks/amocrm-signature.js';
import { aLine } from './builders.js';
import { runs } from './fuzzing/runs.ts';

const body = fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes));
const secret = fc.string({ minLength: 1, maxLength: 60, unit: 'binary' });
const NEWLINE = Buffer.from('\n');

const sign = (raw: Buffer, by: string) => createHmac('sha1', by).update(raw).digest('hex');
const isOurs = async (raw: Buffer, header: string, by: string) => {
  const signature = signatureIn(header);
  const line = aLine({}, { channelSecret: by });
  return signature !== undefined && (await signersAmong([line], raw, signature)).length === 1;
};
const without = (raw: Buffer) => (raw.at(-1) === NEWLINE[0] ? raw.subarray(0, -1) : raw);

/** The bytes with one of them another. */
const changed = (raw: Buffer, at: number, by: number) => {
  const copy = Buffer.from(raw);
  copy[at % copy.length] = (copy[at % copy.length] ?? 0) ^ by;
  return copy;
};

const at = fc.nat(1_000);
const by = fc.integer({ min: 1, max: 255 });

describe('the signature of whatever amoCRM posts', () => {
  it('fits with the secret it was made with, whether or not the final newline was signed or sent', async () => {
    await fc.assert(
      fc.asyncProperty(body, secret, async (raw, of) => {
        const bare = without(raw);
        const ended = Buffer.concat([bare, NEWLINE]);
        for (const signed of [bare, ended]) {
          for (const sent of [bare, ended])
            expect(await isOurs(sent, sign(signed, of), of)).toBe(true);
          expect(await isOurs(bare, ` ${sign(signed, of).toUpperCase()} `, of)).toBe(true);
        }
      }),
      runs(200),
    );
  });

  it('fits nothing else: another byte of the body, of the signature, another secret', async () => {
    await fc.assert(
      fc.asyncProperty(body, secret, at, by, secret, async (raw, of, place, bits, other) => {
        const header = sign(raw, of);
        const bytes = Buffer.from(header, 'hex');
        expect(await isOurs(raw, changed(bytes, place, bits).toString('hex'), of)).toBe(false);
        if (raw.length > 0) expect(await isOurs(changed(raw, place, bits), header, of)).toBe(false);
        fc.pre(other !== of);
        expect(await isOurs(raw, header, other)).toBe(keyOf(other).equals(keyOf(of)));
      }),
      runs(200),
    );
  });

  it('is none where it is not forty hex digits', async () => {
    await fc.assert(
      fc.asyncProperty(body, secret, fc.string({ maxLength: 60 }), async (raw, of, header) => {
        fc.pre(header.trim().toLowerCase() !== sign(raw, of));
        expect(await isOurs(raw, header, of)).toBe(false);
        expect(await isOurs(raw, sign(raw, of).slice(1), of)).toBe(false);
        expect(await isOurs(raw, `${sign(raw, of)}0`, of)).toBe(false);
      }),
      runs(100),
    );
  });
});

/** RFC 2104: a key shorter than a block is filled up with zeros, a longer one hashed, so that two can be one. */
function keyOf(text: string): Buffer {
  const bytes = Buffer.from(text);
  return Buffer.concat([bytes, Buffer.alloc(Math.max(0, 64 - bytes.length))]);
}
