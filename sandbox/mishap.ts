/** Tells whoever runs the sandbox of a fault of its own: what it was doing, and the error. */
export function reportMishap(doing: string, error: unknown): void {
  const detail = error instanceof Error ? (error.stack ?? error.message) : String(error);
  process.stderr.write(`sandbox: ${doing}: ${detail}\n`);
}
