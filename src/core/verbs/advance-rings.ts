import { serverActor } from '../custody/event.ts';
import type { EndpointId } from '../endpoint/endpoint-id.ts';
import { asFault } from '../fault.ts';
import { haltWords } from '../guard/halt-words.ts';
import { type RingTally, ringStanding, tallyRing } from '../guard/ring-standing.ts';
import type { RingHalt, Rollout, RolloutKey, RolloutStage } from '../guard/rings.ts';
import type { Ports } from '../ports/ports.ts';
import type { Reader, Transaction } from '../ports/store/store.ts';
import type { Milliseconds } from '../time.ts';
import { nextMembers, releaseNextRing } from './release-next-ring.ts';

export type RingPorts = Pick<Ports, 'store' | 'clock' | 'policy' | 'log' | 'doorbell'>;

type Watched = Extract<RolloutStage, { stage: 'watched' }>;

/** What is to be done about one order; undefined: nothing now. */
type Move =
  | { readonly is: 'note_left'; readonly at: Watched }
  | { readonly is: 'go_on'; readonly after: number }
  | { readonly is: 'halt'; readonly ring: number; readonly halt: RingHalt; readonly tally: RingTally };

interface Moment {
  readonly now: Milliseconds;
  readonly heardSince: Milliseconds;
}

/**
 * Looks at every order that goes out by rings (promise P76): lets the next ring out where the last one is past and well, and halts where it is not.
 * Nothing is undone. Any number of servers may do this over one store: each move is guarded, and its event is in its transaction.
 * @param heardSince since when this server could hear of endpoints: whoever was away before is not silent for that
 */
export async function advanceRings(ports: RingPorts, heardSince: Milliseconds): Promise<void> {
  const moving = await ports.store.read(({ rollouts }) => rollouts.moving());
  for (const key of moving) {
    try {
      await advance(ports, key, heardSince);
    } catch (thrown) {
      // The others must not wait for this one.
      ports.log.error('An order could not be looked at ring by ring; it will be again.', {
        ...key,
        cause: asFault(thrown),
      });
    }
  }
}

async function advance(ports: RingPorts, key: RolloutKey, heardSince: Milliseconds): Promise<void> {
  const moment = { now: ports.clock.now(), heardSince };
  // Most looks end here, and take no writer's turn.
  if ((await ports.store.read((reader) => nextMove(ports, reader, { key, moment }))) === undefined) {
    return;
  }
  const { endpointIds, halted } = await ports.store.transact(
    async (transaction) => makeMove(transaction, await nextMove(ports, transaction, { key, moment }), moment),
    { fleetWide: true },
  );
  ports.doorbell.ring(endpointIds);
  if (halted !== undefined) {
    const { ring, halt } = halted;
    const message = 'An order that went out by rings has halted: the rest of its endpoints wait for a person.';
    ports.log.warn(message, { ...key, ring, why: haltWords(ring, halt) });
  }
}

type Known = { readonly rollout: Rollout; readonly move: Move } | undefined;

async function nextMove(
  { policy }: Pick<Ports, 'policy'>,
  reader: Pick<Reader, 'rollouts'>,
  { key, moment }: { readonly key: RolloutKey; readonly moment: Moment },
): Promise<Known> {
  const rollout = await reader.rollouts.byRound(key);
  if (rollout === undefined) {
    return undefined;
  }
  const { at } = rollout;
  const nobodyWaits = (await reader.rollouts.countHeldBack(key)) === 0;
  if (at.stage === 'clear') {
    const after = at.ring;
    const isDue = nobodyWaits || (await nextMembers(reader.rollouts, rollout, { after, ...moment })).length > 0;
    return isDue ? { rollout, move: { is: 'go_on', after } } : undefined;
  }
  if (at.stage !== 'watched') {
    return undefined;
  }
  const move = nobodyWaits ? goOn(at.ring) : await judge(policy.rings, reader, { rollout, at, moment });
  return move && { rollout, move };
}

const goOn = (after: number): Move => ({ is: 'go_on', after });

async function judge(
  policy: Ports['policy']['rings'],
  { rollouts }: Pick<Reader, 'rollouts'>,
  { rollout, at, moment }: { readonly rollout: Rollout; readonly at: Watched; readonly moment: Moment },
): Promise<Move | undefined> {
  const { ring, leftAt } = at;
  const members = await rollouts.members(rollout, ring);
  const outcomes = await rollouts.outcomes(rollout, ring);
  const tally = tallyRing(members, outcomes, { ...moment, leftAt, policy });
  const standing = ringStanding(tally, policy, { ...moment, leftAt });
  switch (standing.is) {
    case 'waiting':
      return undefined;
    case 'left':
      return { is: 'note_left', at };
    case 'healthy':
      return goOn(ring);
    case 'empty':
      // Nothing was learnt, so others take its place.
      return goOn(ring - 1);
    case 'harmful': {
      const { rule, count, of, limit } = standing;
      return { is: 'halt', ring, halt: { at: moment.now, rule, count, of, limit }, tally };
    }
  }
}

interface Moved {
  readonly endpointIds: readonly EndpointId[];
  readonly halted?: Pick<Extract<Move, { is: 'halt' }>, 'ring' | 'halt'>;
}

const nothing: Moved = { endpointIds: [] };

async function makeMove(transaction: Transaction, known: Known, { now }: Moment): Promise<Moved> {
  if (known === undefined) {
    return nothing;
  }
  const { rollout, move } = known;
  switch (move.is) {
    case 'note_left':
      await transaction.rollouts.move(rollout, { ...move.at, leftAt: now });
      return nothing;
    case 'go_on':
      return { endpointIds: await releaseNextRing(transaction, { rollout, after: move.after, now }) };
    case 'halt':
      return (await halt(transaction, rollout, move)) ? { endpointIds: [], halted: move } : nothing;
  }
}

async function halt(
  { rollouts, events }: Pick<Transaction, 'rollouts' | 'events'>,
  rollout: Rollout,
  { ring, halt: why, tally }: Extract<Move, { is: 'halt' }>,
): Promise<boolean> {
  const { actionId, round } = rollout;
  if (!(await rollouts.move(rollout, { stage: 'halted', ring, halt: why }))) {
    return false;
  }
  const { rule, count, of, limit, at } = why;
  const { size, ended, files, failed, silent } = tally;
  const heldBack = await rollouts.countHeldBack(rollout);
  const facts = { round, ring, rule, count, of, limit, size, ended, files, failed, silent, heldBack };
  await events.append([{ type: 'rings_halted', at, actor: serverActor, actionId, facts }]);
  return true;
}
