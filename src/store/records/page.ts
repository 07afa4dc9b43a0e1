import { Fault } from '#core/fault.ts';
import type { Page } from '#core/ports/store/page.ts';

const largestPage = 10_000;

/** @throws Fault `invalid_request` for a page that the port does not have. */
export function demandPage(page: Page): Page {
  const { offset, limit } = page;
  if (!Number.isSafeInteger(offset) || offset < 0 || !Number.isSafeInteger(limit) || limit < 0 || limit > largestPage) {
    throw new Fault('invalid_request', `A page begins at 0 or later and has at most ${largestPage} items.`, {
      details: { offset, limit },
    });
  }
  return page;
}
