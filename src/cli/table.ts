import { safeText } from './safe-text.ts';

/** A cell; null shows as a dash. */
export type Cell = string | number | boolean | null;

/** Columns by heading, in order, and what each shows of an item. */
export type Columns<Item> = Readonly<Record<string, (item: Item) => Cell>>;

const gap = '  ';
/** Of a column of free text that is cut. */
const narrowest = 16;
const ellipsis = '…';
const nothing = '-';

/** Ids, hashes, times, names of machines: half of one is worth nothing, so that they are never cut. */
const wholeWord = /^[\w.:@+-]*$/;

/**
 * Rows under a heading line; every cell on one line, hostile text escaped. As text it is as wide as it must be; fitted to a terminal,
 * free text is cut, and where that is not enough each row is shown as a block of its own, with nothing lost.
 */
export class Table {
  readonly #headings: readonly string[];
  readonly #rows: readonly (readonly string[])[];
  readonly #isWhole: boolean;

  /** @param isWhole nothing is cut, for somebody decides by what stands there. */
  constructor(headings: readonly string[], rows: readonly (readonly string[])[], isWhole = false) {
    this.#headings = headings;
    this.#rows = rows;
    this.#isWhole = isWhole;
  }

  toString(): string {
    return this.#lines(this.#widths());
  }

  /** @param columns characters in a line; undefined: any number. */
  fit(columns: number | undefined): string {
    // Lines of one column are wrapped by the terminal, which is better than cut.
    const isFree = columns === undefined || this.#headings.length === 1;
    if (isFree || lineWidth(this.#widths()) <= columns) {
      return this.toString();
    }
    return this.#withoutEmptyColumns().#fitted(columns);
  }

  #fitted(columns: number): string {
    const widths = this.#widths();
    const excess = lineWidth(widths) - columns;
    const fitted = this.#isWhole && excess > 0 ? undefined : this.#narrowed(widths, excess);
    return fitted === undefined ? this.#blocks() : this.#lines(fitted);
  }

  /** What no row has takes no room where room is short. */
  #withoutEmptyColumns(): Table {
    const kept = this.#headings.map((_, index) => this.#rows.some((row) => row[index] !== nothing));
    return new Table(
      this.#headings.filter((_, index) => kept[index]),
      this.#rows.map((row) => row.filter((_, index) => kept[index])),
      this.#isWhole,
    );
  }

  #widths(): readonly number[] {
    return this.#headings.map((heading, index) =>
      Math.max(heading.length, ...this.#rows.map((row) => row[index]?.length ?? 0)),
    );
  }

  #lines(widths: readonly number[]): string {
    const rows = this.#rows.map((row) => row.map((cell, index) => cut(cell, widths[index] ?? cell.length)));
    return [this.#headings, ...rows].map((row) => line(row, widths)).join('');
  }

  /** Takes `excess` characters from the widest columns of free text; undefined where they have not that many. */
  #narrowed(widths: readonly number[], excess: number): readonly number[] | undefined {
    const narrowed = [...widths];
    let left = excess;
    while (left > 0) {
      const widest = this.#widestToCut(narrowed);
      if (widest === undefined) {
        return undefined;
      }
      narrowed[widest] = (narrowed[widest] ?? 0) - 1;
      left -= 1;
    }
    return narrowed;
  }

  #widestToCut(widths: readonly number[]): number | undefined {
    const free = widths
      .map((width, index) => ({ width, index }))
      .filter(({ width, index }) => {
        const heading = this.#headings[index]?.length ?? 0;
        return width > Math.max(narrowest, heading) && this.#rows.some((row) => !wholeWord.test(row[index] ?? ''));
      });
    return free.toSorted((one, other) => other.width - one.width)[0]?.index;
  }

  #blocks(): string {
    const width = Math.max(...this.#headings.map((heading) => heading.length));
    return this.#rows
      .map((row) => row.map((cell, index) => line([this.#headings[index] ?? '', cell], [width, 0])).join(''))
      .join('\n');
  }
}

/** A compact table with a heading line. */
export function table<Item>(items: readonly Item[], columns: Columns<Item>): Table {
  return new Table(Object.keys(columns), cellsOf(items, columns));
}

/** The same, and whole on every terminal: for what somebody decides by. */
export function wholeTable<Item>(items: readonly Item[], columns: Columns<Item>): Table {
  return new Table(Object.keys(columns), cellsOf(items, columns), true);
}

function cellsOf<Item>(items: readonly Item[], columns: Columns<Item>): readonly (readonly string[])[] {
  return items.map((item) => Object.values(columns).map((show) => cellText(show(item))));
}

/** One thing, a line per fact. */
export function facts(record: Readonly<Record<string, Cell>>): string {
  const width = Math.max(...Object.keys(record).map((name) => name.length));
  return Object.entries(record)
    .map(([name, value]) => line([name, cellText(value)], [width, 0]))
    .join('');
}

function cellText(cell: Cell): string {
  return cell === null || cell === '' ? nothing : safeText(String(cell));
}

/** Of a path the end says more than the beginning. */
function cut(cell: string, width: number): string {
  if (cell.length <= width) {
    return cell;
  }
  const isPath = /^(\/|[A-Za-z]:\\)/.test(cell);
  return isPath ? `${ellipsis}${cell.slice(1 - width)}` : `${cell.slice(0, width - 1)}${ellipsis}`;
}

function lineWidth(widths: readonly number[]): number {
  return widths.reduce((sum, width) => sum + width, 0) + gap.length * (widths.length - 1);
}

function line(cells: readonly string[], widths: readonly number[]): string {
  const padded = cells.map((cell, index) => cell.padEnd(widths[index] ?? 0));
  return `${padded.join(gap).trimEnd()}\n`;
}
