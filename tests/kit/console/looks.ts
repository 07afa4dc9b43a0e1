import { barriers } from './accessible.ts';
import { type ConsoleWorld, keepPicture, owner } from './console.ts';

interface Look {
  /** Below `/console`. */
  readonly path: string;
  /** Stands on the page once all of it is there. */
  readonly until: string;
  /** Of its pictures. */
  readonly name: string;
}

/**
 * A page as others have it: wide in the dark, and as narrow as a telephone. A picture of each is kept.
 * @returns what keeps somebody from using it, or makes it wider than the screen
 */
export async function barriersElsewhere(opened: ConsoleWorld, { path, until, name }: Look): Promise<readonly string[]> {
  const found: string[] = [];
  for (const [width, colorScheme] of [
    [1440, 'dark'],
    [390, 'light'],
  ] as const) {
    const page = await opened.openFor(owner, { width, colorScheme });
    await page.goto(`${opened.world.server.url}/console${path}`);
    await page.getByText(until).first().waitFor();
    await keepPicture(page, `${name}-${width}-${colorScheme}`);
    found.push(...(await barriers(page)));
    const widest = await page.locator('main').boundingBox();
    if (widest !== null && widest.x + widest.width > width) {
      found.push(`The page is ${widest.x + widest.width} pixels wide on a screen of ${width}.`);
    }
    await page.context().close();
  }
  return found;
}
