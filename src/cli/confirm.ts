import { CommandFailure } from './command-error.ts';
import type { Context } from './context.ts';

export interface ConfirmOptions {
  readonly yes?: boolean;
}

/** The option that answers the question beforehand. */
export const yesOption = ['-y, --yes', 'do not ask, on a terminal, whether this is meant'] as const;

/**
 * Asks before something that many endpoints feel and nobody can take back with a word. Scripts are not asked: what they run is written
 * down.
 * @param question says what will happen, and to how much.
 * @throws CommandFailure for any other answer than yes; nothing was done then
 */
export async function confirm({ io }: Context, { yes = false }: ConfirmOptions, question: string): Promise<void> {
  const { ask } = io;
  if (yes || ask === undefined) {
    return;
  }
  const answer = await ask(`${question} Go on? [y/N] `);
  if (!/^y(es)?$/i.test(answer.trim())) {
    throw new CommandFailure('Nothing was done. Answer y to go on, or give --yes.');
  }
}
