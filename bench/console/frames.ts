import type { Page } from 'playwright-core';
import { z } from 'zod';
import { evaluate } from '#kit/console/evaluate.ts';

/** What is scrolled: an expression of the page that names an element. */
export type Scrolled = "document.querySelector('[role=grid]')" | 'document.scrollingElement';

export interface Scroll {
  /** How far in every frame, in pixels. */
  readonly step: number;
  readonly frames: number;
}

/**
 * Scrolls by the page's own thread, frame by frame, which is harder for it than a wheel is: whatever it draws has to be drawn within the frame.
 * @returns how long every frame took, in milliseconds
 */
export async function framesOf(page: Page, scrolled: Scrolled, { step, frames }: Scroll): Promise<readonly number[]> {
  const expression = `new Promise((resolve) => {
    const element = ${scrolled};
    const intervals = [];
    let before;
    const next = (now) => {
      if (before !== undefined) {
        intervals.push(now - before);
      }
      before = now;
      element.scrollTop += ${step};
      if (intervals.length < ${frames}) {
        requestAnimationFrame(next);
      } else {
        resolve(intervals);
      }
    };
    element.scrollTop = 0;
    requestAnimationFrame(next);
  })`;
  return z.array(z.number()).parse(await evaluate(page, expression));
}

/** As much as nine of ten frames took, or less. */
export function ninthTenth(values: readonly number[]): number {
  return values.toSorted((one, other) => one - other)[Math.floor(values.length * 0.9)] ?? Number.NaN;
}
