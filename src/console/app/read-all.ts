import type { PageOfRows } from './pages-of-rows.ts';

interface Listing<Row> {
  readonly items: readonly Row[];
  readonly total: number;
}

interface Whole<Row> {
  /** How one row is told from another. */
  idOf(row: Row): string;
  /** Not many more are read; default: all. */
  readonly most?: number;
}

/** As many as the server gives at once. */
const pageRows = 1_000;

/**
 * Every row of a list of the server, page by page. What comes meanwhile moves rows: each is kept once.
 * @returns `total`: how many the server said there are, with those that were not read
 * @throws ApiError
 */
export async function readAll<Row>(
  page: (at: PageOfRows) => Promise<Listing<Row>>,
  { idOf, most = Number.POSITIVE_INFINITY }: Whole<Row>,
): Promise<Listing<Row>> {
  const rows = new Map<string, Row>();
  for (let offset = 0; ; ) {
    const { items, total } = await page({ offset, limit: pageRows });
    for (const row of items) {
      rows.set(idOf(row), row);
    }
    offset += items.length;
    if (items.length === 0 || offset >= Math.min(total, most)) {
      return { items: [...rows.values()], total };
    }
  }
}
