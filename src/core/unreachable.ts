import { Fault } from './fault.ts';

/**
 * For what cannot be while the program is right: it ends there, and nothing is made up.
 * @param sentence what is wrong then.
 * @throws Fault `internal`
 */
export function unreachable(sentence: string): never {
  throw new Fault('internal', sentence);
}
