import type { Fault, FaultKind } from './faults.ts';
import { isObject, keepBigNumbers, parseJson, toJson } from './json.ts';
import type { ParcelDraft } from './outbox.ts';

/** Headers by which a receiver knows the sender: edna's token, amoCRM's signature. */
const CREDENTIALS = ['authorization', 'x-signature'];

/** What goes over the wire once faults have had their way with it. */
export type Wire = Pick<ParcelDraft, 'headers' | 'raw'>;

/** @param strike asks the board whether a fault of this kind strikes the parcel now */
export function spoiled(
  { headers, raw }: ParcelDraft,
  strike: (kind: FaultKind) => Fault | undefined,
): Wire {
  const reshape = strike('reshape')?.rule;
  const body = reshape?.kind === 'reshape' ? reshaped(raw, reshape) : raw;
  if (strike('unsigned') !== undefined) {
    return { raw: body, headers: mapCredentials(headers, () => undefined) };
  }
  if (strike('badly-signed') !== undefined) {
    return { raw: body, headers: mapCredentials(headers, otherEnd) };
  }
  return { raw: body, headers };
}

function mapCredentials(
  headers: ParcelDraft['headers'],
  change: (value: string) => string | undefined,
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) => {
      const changed = CREDENTIALS.includes(name.toLowerCase()) ? change(value) : value;
      return changed === undefined ? [] : [[name, changed]];
    }),
  );
}

/** The same value but for its last character. */
function otherEnd(value: string): string {
  return value.slice(0, -1) + (value.endsWith('0') ? '1' : '0');
}

function reshaped(
  raw: string,
  {
    array = false,
    set = {},
    without = [],
  }: { array?: boolean; set?: object; without?: readonly string[] },
): string {
  const body = parseJson(raw, keepBigNumbers);
  if (!isObject(body)) return raw;
  const changed = Object.fromEntries(
    Object.entries({ ...body, ...set }).filter(([key]) => !without.includes(key)),
  );
  return toJson(array ? [changed] : changed);
}
