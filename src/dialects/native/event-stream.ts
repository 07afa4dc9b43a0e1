import type { OpenStream } from '#core/access/open-streams.ts';
import type { Permission } from '#core/access/permission.ts';
import { asFault, Fault } from '#core/fault.ts';
import type { Ports } from '#core/ports/ports.ts';
import { type Milliseconds, second } from '#core/time.ts';
import type { Follower } from '#core/verbs/follow-events.ts';
import type { GuardedCall } from '../dialect.ts';
import { sessionTokenOf } from './authenticate.ts';
import { always } from './reply.ts';
import { eventStream, streamEnded } from './schemas/contract.ts';

/** One event of a stream, or, with neither type nor data, what tells that the stream lives. */
export interface Frame {
  readonly id?: number;
  readonly event?: string;
  /** Any value; it is sent as JSON. */
  readonly data?: unknown;
}

/** After what pause a browser comes again by itself. */
const retryPause: Milliseconds = 3 * second;
/** Whoever takes nothing for as long is parted from; what they have not read the record still has. */
const readerPatience: Milliseconds = 30 * second;

/**
 * Answers with frames without end. What is refused at the beginning is answered as any other fault; one that comes later is told by the
 * last event.
 * @param frames ends when its follower's signal is aborted
 * @throws Fault what `frames` throws before the first, `rate_limited` and `unavailable` where too many streams are open
 */
export async function streamed(
  call: GuardedCall,
  permission: Permission,
  frames: (follower: Follower) => AsyncGenerator<Frame>,
): Promise<Response> {
  const { ports, principal, connection, request } = call;
  const stream = ports.openStreams.open(principal);
  const { remoteAddress } = connection;
  const standing = { principal, permission, remoteAddress, sessionToken: sessionTokenOf(request) };
  const source = frames({ standing, signal: stream.signal });
  try {
    const first = await source.next();
    const told = tellingWhy(ports, { first, source, signal: stream.signal });
    return new Response(bytesOf(ports, told, stream), {
      // Some proxies keep an answer back until it is whole, unless they are asked not to.
      headers: { ...always, 'content-type': eventStream.mediaType, 'x-accel-buffering': 'no' },
    });
  } catch (thrown) {
    stream.end();
    throw thrown;
  }
}

interface Telling {
  readonly first: IteratorResult<Frame>;
  readonly source: AsyncGenerator<Frame>;
  readonly signal: AbortSignal;
}

/** The frames as text, and at the end why there are no more. Never throws. */
async function* tellingWhy(
  { log }: Pick<Ports, 'log'>,
  { first, source, signal }: Telling,
): AsyncGenerator<string, void> {
  try {
    yield `retry: ${retryPause}\n${first.done === true ? '\n' : textOf(first.value)}`;
    for await (const frame of source) {
      yield textOf(frame);
    }
    if (signal.aborted) {
      yield endingOf({ code: 'unavailable', message: 'The server stops. Come again with the last number.' });
    }
  } catch (thrown) {
    const fault = asFault(thrown);
    if (fault.code === 'internal' || fault.code === 'unavailable') {
      log.error('A stream failed.', { code: fault.code, cause: fault.cause ?? fault });
    }
    yield endingOf(fault);
  } finally {
    await source.return(undefined);
  }
}

function endingOf({ code, message: detail }: Pick<Fault, 'code' | 'message'>): string {
  return textOf({ event: streamEnded, data: { code, detail } });
}

/** JSON has no line break of its own, so that each value is one line. */
function textOf({ id, event, data }: Frame): string {
  const lines = [
    ...(data === undefined ? [': still here'] : []),
    ...(id === undefined ? [] : [`id: ${id}`]),
    ...(event === undefined ? [] : [`event: ${event}`]),
    ...(data === undefined ? [] : [`data: ${JSON.stringify(data)}`]),
  ];
  return `${lines.join('\n')}\n\n`;
}

/**
 * Reads one frame for each that the client takes, and none ahead. A client that takes none for long, or goes away, ends it; so does the
 * server, at once where nobody waits for a frame.
 */
function bytesOf(
  { clock }: Pick<Ports, 'clock'>,
  frames: AsyncGenerator<string, void>,
  stream: OpenStream,
): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  let state: 'waiting' | 'asking' | 'over' = 'waiting';
  let withdraw = (): void => undefined;
  const end = () => {
    state = 'over';
    withdraw();
    stream.end();
    // What it holds goes back once it wakes; nobody waits for that.
    void frames.return(undefined);
  };
  return new ReadableStream<Uint8Array>(
    {
      start(controller) {
        stream.signal.addEventListener('abort', () => {
          if (state === 'waiting') {
            end();
            controller.close();
          }
        });
      },
      async pull(controller) {
        withdraw();
        state = 'asking';
        const { done, value } = await frames.next();
        if (isOver()) {
          return;
        }
        if (value !== undefined) {
          controller.enqueue(encoder.encode(value));
        }
        if (done === true || stream.signal.aborted) {
          end();
          controller.close();
          return;
        }
        state = 'waiting';
        withdraw = clock.schedule(readerPatience, () => {
          end();
          controller.error(new Fault('timeout', 'Whoever reads the stream is too slow.'));
        });
      },
      cancel: end,
    },
    { highWaterMark: 0 },
  );

  function isOver(): boolean {
    return state === 'over';
  }
}
