import type { Command } from 'commander';
import { type Context, say } from './context.ts';
import { parseWholeNumber } from './whole-number.ts';

export interface PageOptions {
  readonly offset: number;
  readonly limit: number;
}

export function paged(command: Command): Command {
  return command
    .option('--limit <N>', 'how many to list, at most 1000', parseWholeNumber, 100)
    .option('--offset <N>', 'how many to leave out from the start', parseWholeNumber, 0);
}

/** A list that looks whole and is not would mislead. */
export function saysWhatIsLeft(
  context: Context,
  { offset }: PageOptions,
  { items, total }: { readonly items: readonly unknown[]; readonly total: number },
): void {
  const end = offset + items.length;
  if (end < total) {
    say(context, `${items.length} of ${total} shown; --offset ${end} goes on.`);
  }
}
