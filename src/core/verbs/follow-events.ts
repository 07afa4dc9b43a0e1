import { Alarm } from '../custody/alarm.ts';
import type { CustodyEvent } from '../custody/event.ts';
import { Fault } from '../fault.ts';
import type { Ports } from '../ports/ports.ts';
import type { EventFilter } from '../ports/store/events.ts';
import type { Reader } from '../ports/store/store.ts';
import { type Milliseconds, second } from '../time.ts';
import { demandStanding, type Standing } from './demand-standing.ts';

export type FollowPorts = Pick<Ports, 'store' | 'clock' | 'policy' | 'eventBell'>;

/** Whoever follows something, and until when. */
export interface Follower {
  readonly standing: Standing;
  /** Aborted: it ends. */
  readonly signal: AbortSignal;
}

export interface FollowedEvents {
  /** In their order; none: only the number has moved on, or it is said that the stream lives. */
  readonly events: readonly CustodyEvent[];
  /** Up to this event all that match were told; whoever goes on from here misses none and is told none twice. */
  readonly upTo: number;
}

/** Between two looks, however often the bell rings. */
const pace: Milliseconds = second / 4;
/** Without a ring: how long a revocation of any kind, or a lost ring, may stay unnoticed. */
const lookInterval: Milliseconds = 3 * second;
/** Whoever follows hears this often, so that proxies and runtimes do not take the connection for a dead one. */
export const heartbeat: Milliseconds = 15 * second;
const eventsAtOnce = 100;

/**
 * The events after a number as they are committed, without end; first of all from where it begins. Each look is one short transaction in
 * which the follower's standing is judged, and nothing is held between two of them, or while a follower is slow.
 * @param after undefined: from the newest event on
 * @throws Fault as `demandStanding`, `invalid_request` for a number that no event has had, and those of the store
 */
export async function* followEvents(
  ports: FollowPorts,
  { filter, after }: { readonly filter: EventFilter; readonly after: number | undefined },
  follower: Follower,
): AsyncGenerator<FollowedEvents> {
  const { clock } = ports;
  const alarm = new Alarm(ports, follower.signal);
  try {
    let upTo = await beginningOf(ports, after, follower.standing);
    yield { events: [], upTo };
    let toldAt = clock.monotonic();
    while (!follower.signal.aborted) {
      const look = await lookOn(ports, { filter, after: upTo }, follower.standing);
      upTo = look.upTo;
      if (look.events.length > 0 || clock.monotonic() - toldAt >= heartbeat) {
        yield { events: look.events, upTo };
        toldAt = clock.monotonic();
      }
      if (look.isWhole) {
        await alarm.sleep({ atLeast: pace, atMost: lookInterval });
      }
    }
  } finally {
    alarm.close();
  }
}

/** What a limited principal sees may become less: only for others a number beyond the last event tells of another record. */
function beginningOf(ports: FollowPorts, after: number | undefined, standing: Standing): Promise<number> {
  return readStanding(ports, standing, async ({ events }) => {
    const last = await events.lastSequence();
    if (after !== undefined && after > last && standing.principal.scope.kind === 'all') {
      const words = `after: there is no event ${after} yet; the newest is ${last}.`;
      throw new Fault(
        'invalid_request',
        `${words} The record was brought back from a backup, or the number is another server's. Begin at a number of this record.`,
        { details: { field: 'after', newest: last } },
      );
    }
    return after ?? last;
  });
}

interface Look extends FollowedEvents {
  /** Nothing is left beyond it. */
  readonly isWhole: boolean;
}

function lookOn(
  ports: FollowPorts,
  { filter, after }: { readonly filter: EventFilter; readonly after: number },
  standing: Standing,
): Promise<Look> {
  return readStanding(ports, standing, async ({ events: record }) => {
    const last = await record.lastSequence();
    if (last <= after) {
      return { events: [], upTo: after, isWhole: true };
    }
    const events = await record.list(filter, after, eventsAtOnce);
    const isWhole = events.length < eventsAtOnce;
    // Events that no filter lets through are not looked at again.
    return { events, upTo: isWhole ? last : (events.at(-1)?.sequence ?? last), isWhole };
  });
}

/** Reads for somebody who was let in before. @throws Fault as `demandStanding` */
export function readStanding<Result>(
  { store, clock, policy }: Pick<Ports, 'store' | 'clock' | 'policy'>,
  standing: Standing,
  work: (reader: Reader) => Promise<Result>,
): Promise<Result> {
  return store.read(async (reader) => {
    await demandStanding({ credentials: reader.credentials, now: clock.now(), policy }, standing);
    return work(reader);
  });
}
