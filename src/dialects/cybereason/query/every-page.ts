import { Fault } from '#core/fault.ts';
import type { Listing, Page } from '#core/ports/store/page.ts';

const pageSize = 5_000;

/**
 * Everything that a list of the store has, page by page.
 * @throws Fault `limit_exceeded` for more than `most`: each is looked at one by one.
 */
export async function everyPage<Item>(
  what: string,
  most: number,
  list: (page: Page) => Promise<Listing<Item>>,
): Promise<readonly Item[]> {
  const items: Item[] = [];
  for (;;) {
    const listing = await list({ offset: items.length, limit: pageSize });
    if (listing.total > most) {
      throw new Fault('limit_exceeded', `There are more than ${most} ${what} to look at: narrow the query.`, {
        details: { limit: most },
      });
    }
    items.push(...listing.items);
    if (listing.items.length === 0 || items.length >= listing.total) {
      return items;
    }
  }
}
