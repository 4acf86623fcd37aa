/** Where an error happened, for logs. What it says may quote a message. */
export function placesIn(fault: unknown): readonly string[] {
  const lines = fault instanceof Error ? (fault.stack ?? '').split('\n') : [];
  return lines.map((line) => line.trim()).filter((line) => line.startsWith('at '));
}
