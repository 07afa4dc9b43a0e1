import type { z } from 'zod';
import { followEvents as contract, custodyEvent } from '#dialects/native/schemas/event.ts';
import { comeAgain } from './come-again.ts';
import { openStream, type StreamPorts } from './open-stream.ts';
import type { Frame } from './read-frames.ts';
import { readData } from './stream-data.ts';

export type CustodyEvent = z.output<typeof custodyEvent>;

type Query = z.input<typeof contract.query>;

export interface FollowingEvents extends Omit<Query, 'after'> {
  /** Events later than this one, 0 for all; default: those that are still to come. */
  readonly after?: number;
  /** Aborted: it ends, without an error. */
  readonly signal?: AbortSignal;
}

/**
 * Every event that matches, in order and once, over as many connections as it takes; without end.
 * @throws ApiError when the first connection fails, or a later one for a reason that does not pass: a key that is gone, a filter that is wrong
 */
export async function* followEvents(
  ports: StreamPorts,
  { after, signal, ...filter }: FollowingEvents,
): AsyncGenerator<CustodyEvent> {
  let last = after;
  const open = () => {
    const query = { ...filter, ...(last !== undefined && { after: last }) };
    return openStream(ports, contract, { parameters: {}, query, body: undefined, signal });
  };
  for await (const frame of comeAgain<Frame>({ pause: ports.pause, signal, open })) {
    const known = last ?? -1;
    if (frame.id !== undefined) {
      last = Math.max(known, Number(frame.id));
    }
    if (frame.data !== '' && Number(frame.id) > known) {
      yield readData(custodyEvent, frame);
    }
  }
}
