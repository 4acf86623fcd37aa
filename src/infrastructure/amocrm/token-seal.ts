import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';

/** https://csrc.nist.gov/pubs/sp/800/38/d/final: 96 bits of nonce, each used once; 128 bits of tag. */
const CIPHER = 'aes-256-gcm';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const KEY_BYTES = 32;

/** A token at rest: `1.<base64url of nonce, tag and cipher text>`. */
const FORM = /^1\.([\w-]+)$/;

/** Encrypts tokens, so that whoever reads the journal's file or a backup of it cannot use them. */
export class TokenSeal {
  private readonly key: Buffer;

  /** @param secret `SECRET_KEY` */
  constructor(secret: string) {
    this.key = Buffer.from(hkdfSync('sha256', secret, '', 'bridge amocrm tokens', KEY_BYTES));
  }

  /** @param bound what the token belongs to: it opens with the same alone */
  seal(token: string, bound: string): string {
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv(CIPHER, this.key, nonce).setAAD(Buffer.from(bound));
    const text = Buffer.concat([cipher.update(token, 'utf8'), cipher.final()]);
    return `1.${Buffer.concat([nonce, cipher.getAuthTag(), text]).toString('base64url')}`;
  }

  /** @returns nothing where it was sealed with another key, for something else, or was changed */
  open(sealed: string, bound: string): string | undefined {
    const [, packed] = FORM.exec(sealed) ?? [];
    if (packed === undefined) return undefined;
    const bytes = Buffer.from(packed, 'base64url');
    try {
      const nonce = bytes.subarray(0, NONCE_BYTES);
      const options = { authTagLength: TAG_BYTES };
      const decipher = createDecipheriv(CIPHER, this.key, nonce, options)
        .setAAD(Buffer.from(bound))
        .setAuthTag(bytes.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES));
      const text = bytes.subarray(NONCE_BYTES + TAG_BYTES);
      return Buffer.concat([decipher.update(text), decipher.final()]).toString('utf8');
    } catch {
      return undefined;
    }
  }
}
