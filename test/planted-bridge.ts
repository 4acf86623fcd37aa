import { cpSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const DIST = join(import.meta.dirname, '..', 'dist');

/** What stands once in the built bridge, whatever blanks and quotes it has there, and what is put in its place. */
export type Edit = readonly [from: string, to: string];

/**
 * Copies the built bridge with mistakes in it.
 * @param copy a folder within the project, where its packages are found
 * @returns its `main.js`
 */
export function plant(copy: string, edits: readonly Edit[]): string {
  cpSync(DIST, copy, { recursive: true });
  const files = readdirSync(copy).filter((file) => file.endsWith('.js'));
  for (const [from, to] of edits) {
    const written = asWritten(from);
    const texts = files.map((file) => [file, readFileSync(join(copy, file), 'utf8')] as const);
    const [only, ...others] = texts.filter(([, text]) => written.test(text));
    if (!only || others.length > 0) throw new Error(`stands in ${others.length} files: ${from}`);
    const [file, text] = only;
    expect(text.split(written)).toHaveLength(2);
    writeFileSync(
      join(copy, file),
      text.replace(written, () => to),
    );
  }
  return join(copy, 'main.js');
}

function asWritten(code: string): RegExp {
  const escaped = code.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  return new RegExp(escaped.replace(/\s+/g, '\\s*').replace(/['"]/g, `['"]`));
}
