import { serverActor } from '../custody/event.ts';
import { haltWords } from '../guard/halt-words.ts';
import type { ServerAlert } from '../guard/server-alert.ts';
import type { Ports } from '../ports/ports.ts';
import type { Reader } from '../ports/store/store.ts';
import { day, type Milliseconds } from '../time.ts';

/** For how long everybody is told that one person did what should have taken two. */
const toldFor = day;
/** The newest; more would be read by nobody. */
const mostTold = 100;

/** Newest first. Of actions on endpoints that whoever asks may not see nothing is told. */
export async function serverAlerts({ store, clock }: Pick<Ports, 'store' | 'clock'>): Promise<readonly ServerAlert[]> {
  const alerts = await store.read(
    async (reader) => [...(await brokenGlass(reader, clock.now() - toldFor)), ...(await haltedRings(reader))],
    { search: true },
  );
  return alerts.toSorted((one, other) => other.at - one.at);
}

async function brokenGlass(
  { approvals }: Pick<Reader, 'approvals'>,
  bypassedFrom: Milliseconds,
): Promise<readonly ServerAlert[]> {
  const { items } = await approvals.list({ bypassedFrom }, { offset: 0, limit: mostTold });
  return items.flatMap(({ actionId, decision }): ServerAlert[] => {
    return decision === null
      ? []
      : [{ kind: 'glass_broken', actionId, by: decision.by, at: decision.at, reason: decision.reason }];
  });
}

async function haltedRings({ rollouts }: Pick<Reader, 'rollouts'>): Promise<readonly ServerAlert[]> {
  return (await rollouts.halted()).flatMap(({ actionId, at }): ServerAlert[] => {
    return at.stage === 'halted'
      ? [{ kind: 'rings_halted', actionId, by: serverActor, at: at.halt.at, reason: haltWords(at.ring, at.halt) }]
      : [];
  });
}

/** How often one person ever let an order out alone. */
export async function countBrokenGlass({ store }: Pick<Ports, 'store'>): Promise<number> {
  return (
    await store.read(({ approvals }) => approvals.list({ bypassedFrom: 0 }, { offset: 0, limit: 0 }), { search: true })
  ).total;
}

/** How many orders are halted while something is held back. */
export async function countHalted({ store }: Pick<Ports, 'store'>): Promise<number> {
  return (await store.read(({ rollouts }) => rollouts.halted())).length;
}
