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
 * Pages as others have them: wide in the dark, and as narrow as a telephone. A picture of each is kept.
 * @returns what keeps somebody from using one, or makes it wider than the screen
 */
export async function barriersElsewhere(opened: ConsoleWorld, looks: readonly Look[]): Promise<readonly string[]> {
  const found: string[] = [];
  for (const [width, colorScheme] of [
    [1440, 'dark'],
    [390, 'light'],
  ] as const) {
    const page = await opened.openFor(owner, { width, colorScheme });
    for (const { path, until, name } of looks) {
      await page.goto(`${opened.world.server.url}/console${path}`);
      await page.getByText(until).first().waitFor();
      await keepPicture(page, `${name}-${width}-${colorScheme}`);
      found.push(...(await barriers(page)));
      const place = await page.locator('main').boundingBox();
      if (place !== null && place.x + place.width > width) {
        found.push(`${path} is ${place.x + place.width} pixels wide on a screen of ${width}.`);
      }
    }
    await page.context().close();
  }
  return found;
}
