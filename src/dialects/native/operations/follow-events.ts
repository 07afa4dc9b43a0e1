import { Fault } from '#core/fault.ts';
import { type FollowedEvents, followEvents as followRecord } from '#core/verbs/follow-events.ts';
import { wholeNumberOf } from '#core/whole-number.ts';
import type { GuardedCall } from '../../dialect.ts';
import { eventFilterOf } from '../event-filter.ts';
import { type Frame, streamed } from '../event-stream.ts';
import { guarded } from '../operation.ts';
import { lastEventIdHeader } from '../schemas/contract.ts';
import { followEvents } from '../schemas/event.ts';
import { showEvent } from '../show-event.ts';

const permission = 'events.read';

export const followEventsOperation = guarded(
  followEvents,
  { permission, licence: [] },
  async ({ query: { after, ...asked } }, call) =>
    streamed(call, permission, async function* (follower) {
      const from = { filter: eventFilterOf(asked), after: lastEventId(call) ?? after };
      for await (const followed of followRecord(call.ports, from, follower)) {
        yield* framesOf(followed);
      }
    }),
);

/** Of a browser that comes again, which sends what it has heard with the address that it was given at first. */
function lastEventId({ request }: Pick<GuardedCall, 'request'>): number | undefined {
  const text = request.headers.get(lastEventIdHeader) ?? '';
  if (text === '') {
    return undefined;
  }
  const number = wholeNumberOf(text);
  if (number === undefined) {
    throw new Fault('invalid_request', 'Last-Event-ID: must be the number of an event.', {
      details: { in: 'header', field: 'Last-Event-ID' },
    });
  }
  return number;
}

/** Without an event a number alone: clients remember it and tell nobody. */
function framesOf({ events, upTo }: FollowedEvents): readonly Frame[] {
  if (events.length === 0) {
    return [{ id: upTo }];
  }
  return events.map((event) => ({ id: event.sequence, event: event.type, data: showEvent(event) }));
}
