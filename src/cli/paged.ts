import type { Command } from 'commander';
import { type Context, type OutputOptions, say, show } from './context.ts';
import { safeJsonLine } from './safe-text.ts';
import { type Columns, table } from './table.ts';
import { parseWholeNumber } from './whole-number.ts';

export interface PageOptions {
  readonly offset: number;
  readonly limit: number;
  readonly allPages?: boolean;
}

export function paged(command: Command): Command {
  return command
    .option('--limit <N>', 'how many to list, at most 1000', parseWholeNumber, 100)
    .option('--offset <N>', 'how many to leave out from the start', parseWholeNumber, 0)
    .option('--all-pages', 'list everything from --offset on; with --json one line of JSON for each');
}

interface Listing<Item> {
  readonly items: readonly Item[];
  readonly total: number;
}

interface ShownList<Item> {
  /** Asks the server for one page. */
  page(at: { readonly offset: number; readonly limit: number }): Promise<Listing<Item>>;
  readonly columns: Columns<Item>;
}

const largestPage = 1_000;

/** One page as the server gave it, or with `--all-pages` all that there is. */
export async function showList<Item>(
  context: Context,
  options: PageOptions & OutputOptions,
  { page, columns }: ShownList<Item>,
): Promise<void> {
  const { offset, limit, allPages = false, json = false } = options;
  if (!allPages) {
    const listing = await page({ offset, limit });
    await show(context, options, { json: listing, text: table(listing.items, columns) });
    saysWhatIsLeft(context, options, listing);
    return;
  }
  const all: Item[] = [];
  for await (const items of pages(page, offset)) {
    if (json) {
      await context.io.out(items.map(safeJsonLine).join(''));
    } else {
      all.push(...items);
    }
  }
  if (!json) {
    await show(context, options, { json: all, text: table(all, columns) });
  }
}

async function* pages<Item>(page: ShownList<Item>['page'], from: number): AsyncGenerator<readonly Item[]> {
  let offset = from;
  for (;;) {
    const { items, total } = await page({ offset, limit: largestPage });
    if (items.length === 0) {
      return;
    }
    yield items;
    offset += items.length;
    if (offset >= total) {
      return;
    }
  }
}

/** A list that looks whole and is not would mislead. */
function saysWhatIsLeft(
  context: Context,
  { offset }: PageOptions,
  { items, total }: { readonly items: readonly unknown[]; readonly total: number },
): void {
  const end = offset + items.length;
  if (end < total) {
    say(context, `${items.length} of ${total} shown; --offset ${end} goes on, --all-pages lists everything.`);
  }
}
