import type { Verb } from './verb.ts';

/** Whether an order of this verb gives files back to where they were: it takes nothing, and tells nothing to anybody. */
const givesBack: Readonly<Record<Verb, boolean>> = {
  restore: true,
  restore_objects: true,
  undo: true,
  fetch: false,
  quarantine: false,
  plan: false,
  purge: false,
  search: false,
  logs: false,
  scan: false,
};

export function isGivingBack(verb: Verb): boolean {
  return givesBack[verb];
}
