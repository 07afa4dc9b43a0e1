import type { HaltRule, RingHalt } from './rings.ts';

const words: Readonly<Record<HaltRule, (halt: Omit<RingHalt, 'at'>) => string>> = {
  failures: ({ count, of, limit }) => `${count} of ${of} files failed, where ${limit} percent may`,
  silence: ({ count, of, limit }) => `${count} of ${of} endpoints stopped answering, where ${limit} percent may`,
};

/** Why rings halted, as a clause of a sentence. */
export function haltWords(ring: number, halt: Omit<RingHalt, 'at'>): string {
  return `in ring ${ring} ${words[halt.rule](halt)}`;
}
