import axe from 'axe-core';
import type { Page } from 'playwright-core';
import { z } from 'zod';
import { evaluate } from './evaluate.ts';

/** WCAG 2.2, levels A and AA. */
const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];

const violationsSchema = z.array(
  z.object({
    id: z.string(),
    help: z.string(),
    nodes: z.array(z.object({ html: z.string(), failureSummary: z.string().optional() })),
  }),
);

/**
 * Asks axe about the page as it is now.
 * @returns each thing that somebody could not see, reach or hear, in words; none: the page is as it should be
 */
export async function barriers(page: Page): Promise<readonly string[]> {
  const options = { runOnly: { type: 'tag', values: tags }, resultTypes: ['violations'] };
  const ask = `axe.run(document, ${JSON.stringify(options)}).then(({ violations }) => violations.map(({ id, help, nodes }) => ({
    id, help, nodes: nodes.map(({ html, failureSummary }) => ({ html, failureSummary }))
  })))`;
  await evaluate(page, `${axe.source}; undefined`);
  const violations = violationsSchema.parse(await evaluate(page, ask));
  return violations.flatMap(({ id, help, nodes }) =>
    nodes.map(({ html, failureSummary = '' }) => `${id}: ${help}\n  ${html.slice(0, 300)}\n  ${failureSummary}`),
  );
}
