import { z } from 'zod';
import { principalKinds } from '../access/principal.ts';
import type { Task } from '../action/action.ts';
import { type Verb, verbs } from '../action/verb.ts';

/**
 * What an emergency stop halts (promise P79): verbs that take files from endpoints, or delete them. What gives back, looks or
 * stops goes on. Total, so that a new verb does not compile until someone has said.
 */
const isHaltable: Readonly<Record<Verb, boolean>> = {
  fetch: true,
  quarantine: true,
  purge: true,
  restore: false,
  restore_objects: false,
  undo: false,
  plan: false,
  search: false,
  logs: false,
  scan: false,
};

export const haltableVerbs: readonly Verb[] = verbs.filter((verb) => isHaltable[verb]);

const stopSchema = z.object({
  /** Milliseconds since 1970. */
  engagedAt: z.number().int().nonnegative(),
  by: z.object({ kind: z.enum(principalKinds), id: z.string(), name: z.string() }),
  reason: z.string(),
});

/** As the store has it. */
export const stopSwitchSchema = z.object({
  /** Counts every change, so that whoever looked earlier and answers later is known to be behind. */
  revision: z.number().int().nonnegative(),
  /** Who stopped what takes and deletes, when and why; null: nobody, it goes on. */
  stop: stopSchema.nullable(),
});

export type StopSwitch = z.infer<typeof stopSwitchSchema>;

/** The verbs that are halted now. */
export function haltedVerbs({ stop }: StopSwitch): readonly Verb[] {
  return stop === null ? [] : haltableVerbs;
}

/** Whether an order may go to its agent; one that is to be cancelled always may, for the agent then ends it. */
export function mayLeave({ state, parameters }: Pick<Task, 'state' | 'parameters'>, stop: StopSwitch): boolean {
  return state === 'cancelling' || !haltedVerbs(stop).includes(parameters.verb);
}
