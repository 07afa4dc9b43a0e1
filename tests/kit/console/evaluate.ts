import type { Page } from 'playwright-core';

/**
 * What an expression is on the page, asked by the debugger's own way: that of Playwright is `eval`, which the policy of the console's
 * pages forbids.
 * @throws Error with what the expression threw
 */
export async function evaluate(page: Page, expression: string): Promise<unknown> {
  const session = await page.context().newCDPSession(page);
  try {
    const options = { expression, awaitPromise: true, returnByValue: true };
    const { result, exceptionDetails } = await session.send('Runtime.evaluate', options);
    if (exceptionDetails !== undefined) {
      throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
    }
    return result.value;
  } finally {
    await session.detach();
  }
}
