import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const ROOT = join(import.meta.dirname, '..');
/** What a check may be: a spec, or a scenario that `test/scenarios.e2e-spec.ts` plays. */
const CHECK =
  /^(test\/[\w-]+(\.e2e-spec|\.property\.spec|\.spec)\.ts|sandbox\/scenarios\/[\w-]+\.yaml)$/;

const links = (markdown: string) =>
  [...markdown.matchAll(/\]\((?!https?:|#)([^)]+)\)/g)].map(([, target]) => target!);

describe.each(['README.md', 'sandbox/README.md'])('%s', (page) => {
  const text = readFileSync(join(ROOT, page), 'utf8');

  it('links only to what is there', () => {
    const dead = links(text).filter((to) => !existsSync(join(ROOT, dirname(page), to)));
    expect(dead).toEqual([]);
  });
});

describe('the table of features', () => {
  const section = readFileSync(join(ROOT, 'README.md'), 'utf8').split('## Что переносится')[1]!;
  const rows = section
    .split(/\n###? /)[0]!
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .map((line) => line.split('|').map((cell) => cell.trim()));
  const promises = rows.filter((cells) => cells[2] === 'да');

  it('has rows', () => {
    expect(promises.length).toBeGreaterThan(15);
  });

  it.each(promises.map(([, feature, , , check]) => [feature!, check!]))(
    'has a check behind the yes of "%s"',
    (_, check) => {
      const checks = links(check);
      expect(checks).not.toHaveLength(0);
      for (const one of checks) expect(one).toMatch(CHECK);
    },
  );
});
