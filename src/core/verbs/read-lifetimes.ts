import { type SetLifetimes, setLifetimesSchema } from '../action/lifetimes.ts';
import type { Verb } from '../action/verb.ts';
import { checkShape } from '../check-shape.ts';
import { Fault } from '../fault.ts';
import type { Ports } from '../ports/ports.ts';
import type { Reader } from '../ports/store/store.ts';
import type { Milliseconds } from '../time.ts';

/** How long an order of each verb waits for its endpoint from now on, where whoever orders it says nothing else. */
export async function readLifetimes({
  store,
  policy,
}: Pick<Ports, 'store' | 'policy'>): Promise<Readonly<Record<Verb, Milliseconds>>> {
  return { ...policy.lifetime, ...(await store.read(storedLifetimes)) };
}

/** What an administrator set: it counts for every order of its verb, whichever dialect it comes through. */
export async function storedLifetimes({ settings }: Pick<Reader, 'settings'>): Promise<SetLifetimes> {
  const stored = await settings.byName('action_lifetimes');
  const parsed = checkShape(setLifetimesSchema, stored ?? {});
  if (!parsed.success) {
    throw new Fault('internal', 'The lifetimes of actions in the store cannot be read.', { cause: parsed.error });
  }
  return parsed.data;
}
