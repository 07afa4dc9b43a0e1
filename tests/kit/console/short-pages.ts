import type { Page } from 'playwright-core';
import { z } from 'zod';

const body = z.looseObject({ limit: z.number() });

/** From here on the server gives a page of the console one row at a time of this list, as of a list that is longer than one answer. */
export async function shortPages(page: Page, path: string): Promise<void> {
  await page.route(
    (url) => url.pathname === `/api/v1${path}`,
    async (route) => {
      const request = route.request();
      const asked = body.safeParse(request.method() === 'POST' ? request.postDataJSON() : undefined);
      const url = new URL(request.url());
      if (url.searchParams.has('limit')) {
        url.searchParams.set('limit', '1');
      }
      await route.continue({
        url: url.href,
        ...(asked.success && { postData: JSON.stringify({ ...asked.data, limit: 1 }) }),
      });
    },
  );
}
