import type { Verb } from '#core/action/verb.ts';

/** What changes files on an endpoint, or takes them away. Of the others an endpoint is as it was. */
const destructive: Readonly<Record<Verb, boolean>> = {
  fetch: false,
  quarantine: true,
  restore: true,
  restore_objects: true,
  undo: true,
  plan: false,
  purge: true,
  search: false,
  logs: false,
  scan: false,
};

/** Whether a signer counts orders of this verb among the destructive ones. */
export function isDestructive(verb: Verb): boolean {
  return destructive[verb];
}
