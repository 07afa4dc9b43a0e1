import { type Ending, ending } from './ending.ts';
import { Halted } from './halted.ts';

/**
 * Whether the next file of a task may be begun; asked before each.
 *
 *   go         it may
 *   cancelled  it never will: the order was withdrawn
 *   expired    it never will: the deadline passed while a server had halted its verb
 *   halted     not now: a server has halted its verb
 */
export const begins = ['go', 'cancelled', 'expired', 'halted'] as const;

export type MayBegin = (typeof begins)[number];

const words = {
  cancelled: {
    outcome: 'cancelled',
    reason: 'withdrawn',
    message: 'The order was withdrawn before this file was begun; nothing was done to it.',
  },
  expired: {
    outcome: 'expired',
    reason: 'deadline_passed',
    message: 'The deadline passed while the emergency stop kept this file from being begun; nothing was done to it.',
  },
} as const;

/** How a file ends that will never be begun. */
export function neverBegun(why: 'cancelled' | 'expired', facts: Partial<Ending>): Ending {
  return ending({ ...facts, ...words[why] });
}

/**
 * Asks whether one more file may be begun.
 * @returns how it ends where it will not; undefined where it may begin.
 * @throws Halted where it may not now.
 */
export async function endUnlessMay(
  room: { mayBegin(): Promise<MayBegin> },
  facts: Partial<Ending>,
): Promise<Ending | undefined> {
  const may = await room.mayBegin();
  if (may === 'halted') {
    throw new Halted('A server has halted what was ordered.');
  }
  return may === 'go' ? undefined : neverBegun(may, facts);
}
