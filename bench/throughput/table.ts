import { isReached, type Figure } from './figure.ts';
import { BUSIEST, median } from './rounds.ts';

/** The figures as text, one a line. */
export function toTable(figures: readonly Figure[]): string {
  const rows = [
    ['figure', 'must reach', 'median', 'from … to', 'rounds', 'beside it'],
    ...figures.map(toRow),
  ];
  const widths = rows[0]?.map((_, i) => Math.max(...rows.map((row) => row[i]?.length ?? 0))) ?? [];
  return rows
    .map((row) =>
      row
        .map((cell, i) => cell.padEnd(widths[i] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** The same for a page in Markdown. */
export function toMarkdown(figures: readonly Figure[]): string {
  const rows = figures.map((one) => {
    const [, must, middle, spread] = toRow(one);
    return `| ${one.title} | ${must} | ${middle} | ${spread} |`;
  });
  return ['| | must reach | median | from … to |', '| --- | --- | --- | --- |', ...rows].join('\n');
}

function toRow(one: Figure): string[] {
  const { title, unit, must, values, judgedBy, busiest } = one;
  const inUnit = (value: number) => `${round(value)}${unit && ` ${unit}`}`;
  const bound = 'atMost' in must ? `≤ ${inUnit(must.atMost)}` : `≥ ${inUnit(must.atLeast)}`;
  const verdict = isReached(one) ? '' : '  ← missed';
  return [
    title,
    judgedBy === 'worst' ? `${bound} in each` : bound,
    inUnit(median(values)) + (verdict || ''),
    `${round(Math.min(...values))} … ${round(Math.max(...values))}`,
    `${values.length}${one.void > 0 ? ` (${one.void} void)` : ''}`,
    busiest > 0 ? `${Math.round(busiest * 100)} % of a core (void beyond ${BUSIEST * 100})` : '',
  ];
}

function round(value: number): string {
  return Math.abs(value) >= 100 ? value.toFixed(0) : value.toFixed(2);
}
