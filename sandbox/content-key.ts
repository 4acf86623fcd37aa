/**
 * What a message is known by on both sides. Its text and its file are told apart, since a bridge may
 * send them one after the other.
 */
export function keysOf(text: string | null | undefined, sha1: string | undefined): string[] {
  const keys = text ? [`text ${text}`] : [];
  if (sha1 !== undefined) keys.unshift(`file ${sha1}`);
  return keys;
}
