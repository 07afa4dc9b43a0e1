import { safeText } from './safe-text.ts';

/** A cell; null shows as a dash. */
export type Cell = string | number | boolean | null;

/** Columns by heading, in order, and what each shows of an item. */
export type Columns<Item> = Readonly<Record<string, (item: Item) => Cell>>;

const gap = '  ';

/** A compact table with a heading line; every cell on one line, hostile text escaped. */
export function table<Item>(items: readonly Item[], columns: Columns<Item>): string {
  const headings = Object.keys(columns);
  const rows = items.map((item) => Object.values(columns).map((show) => cellText(show(item))));
  const widths = headings.map((heading, index) =>
    Math.max(heading.length, ...rows.map((row) => row[index]?.length ?? 0)),
  );
  return [headings, ...rows].map((row) => line(row, widths)).join('');
}

/** One thing, a line per fact. */
export function facts(record: Readonly<Record<string, Cell>>): string {
  const width = Math.max(...Object.keys(record).map((name) => name.length));
  return Object.entries(record)
    .map(([name, value]) => line([name, cellText(value)], [width, 0]))
    .join('');
}

function cellText(cell: Cell): string {
  return cell === null || cell === '' ? '-' : safeText(String(cell));
}

function line(cells: readonly string[], widths: readonly number[]): string {
  const padded = cells.map((cell, index) => cell.padEnd(widths[index] ?? 0));
  return `${padded.join(gap).trimEnd()}\n`;
}
