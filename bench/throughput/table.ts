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

function toRow(one: Figure): string[] {
  const { bound, middle, spread } = toCells(one);
  const { busiest, values } = one;
  return [
    one.title,
    one.judgedBy === 'worst' ? `${bound} in each` : bound,
    isReached(one) ? middle : `${middle}  ← missed`,
    spread,
    `${values.length}${one.void > 0 ? ` (${one.void} void)` : ''}`,
    busiest > 0 ? `${Math.round(busiest * 100)} % of a core (void beyond ${BUSIEST * 100})` : '',
  ];
}

/** What it must reach, what it reached in the middle, and how far the rounds lie apart. */
export function toCells({ unit, must, values }: Figure) {
  const inUnit = (value: number) => `${round(value)}${unit && ` ${unit}`}`;
  return {
    bound: 'atMost' in must ? `≤ ${inUnit(must.atMost)}` : `≥ ${inUnit(must.atLeast)}`,
    middle: inUnit(median(values)),
    spread: `${round(Math.min(...values))} … ${round(Math.max(...values))}`,
  };
}

function round(value: number): string {
  return Math.abs(value) >= 100 ? value.toFixed(0) : value.toFixed(2);
}
