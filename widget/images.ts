/*
 * Pictures an archive has to have, and their sizes in pixels.
 * https://www.amocrm.ru/developers/content/integrations/structure and …/requirements (copies of 2026)
 */
export const LOGOS = {
  'images/logo.png': [130, 100],
  'images/logo_main.png': [400, 272],
  'images/logo_medium.png': [240, 84],
  'images/logo_min.png': [84, 84],
  'images/logo_small.png': [108, 108],
  'images/logo_dp.png': [174, 109],
} as const satisfies Record<string, readonly [number, number]>;

export const TOUR = [1188, 616] as const;

export const MOST_BYTES = 300 * 1024;

const SIGNATURE = Buffer.from('89504e470d0a1a0a', 'hex');

/** Width and height of a PNG, from its first chunk. @returns undefined where it is no PNG */
export function sizeOf(bytes: Uint8Array): readonly [number, number] | undefined {
  const buffer = Buffer.from(bytes);
  const isPng =
    buffer.length > 24 &&
    buffer.subarray(0, 8).equals(SIGNATURE) &&
    buffer.toString('latin1', 12, 16) === 'IHDR';
  return isPng ? [buffer.readUInt32BE(16), buffer.readUInt32BE(20)] : undefined;
}

/** Only an animated one says how many pictures it has. */
export function isAnimated(bytes: Uint8Array): boolean {
  return Buffer.from(bytes).includes('acTL', 0, 'latin1');
}
