import type { JsonObject } from '../json.ts';
import type { ParcelDraft } from '../outbox.ts';
import type { AmojoSettings } from './settings.ts';
import { hookSignature } from './signature.ts';

/** A hook as it goes over the wire: the signature covers the body without its final newline. */
export function signedHook(
  body: JsonObject,
  { channelSecret, hookJson, hookNewline }: AmojoSettings,
): Pick<ParcelDraft, 'headers' | 'raw'> {
  const plain = JSON.stringify(body);
  const json = hookJson === 'escaped' ? escapedJson(plain) : plain;
  const raw = hookNewline === 'none' ? json : `${json}\n`;
  const signed = hookNewline === 'signed' ? raw : json;
  const headers = {
    'Content-Type': 'application/json',
    'User-Agent': 'amoCRM amoJo/1.0',
    'X-Signature': hookSignature(channelSecret, signed),
  };
  return { headers, raw };
}

/** The same JSON in ASCII, with slashes escaped. */
function escapedJson(json: string): string {
  const code = (unit: string): string => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
  return json.replaceAll('/', '\\/').replace(/[^\x20-\x7e]/g, code);
}
