import type { HaltRule, RingHalt } from './rings.ts';

type Why = Omit<RingHalt, 'at'> & { readonly ring: number };

const words: Readonly<Record<HaltRule, (why: Why) => string>> = {
  failures: ({ ring, count, of, limit }) => `${count} of ${of} files in ring ${ring} failed, ${limit} percent may`,
  silence: ({ ring, count, of, limit }) =>
    `${count} of ${of} endpoints in ring ${ring} stopped answering, ${limit} percent may`,
};

/** Why rings halted, as a clause of a sentence. */
export function haltWords(ring: number, halt: Omit<RingHalt, 'at'>): string {
  return words[halt.rule]({ ...halt, ring });
}
