import { Fault } from '#core/fault.ts';
import type { Clock } from '#core/ports/clock.ts';
import { type Milliseconds, second } from '#core/time.ts';

/** How long a body may be waited for at first; with what closing a connection takes, all slow ones are gone within ten seconds. */
const grace: Milliseconds = 8 * second;
/** What it must bring on average beyond that: less than any line that a person would put up with. */
const slowestBytesPerSecond = 16 * 1024;

type PaceClock = Pick<Clock, 'monotonic' | 'schedule'>;

export interface PacedRequest {
  /** The same request, whose body ends with a fault where it is too slow. */
  readonly request: Request;
  /** Resolves once its body was too slow; else never. */
  readonly tooSlow: Promise<void>;
}

/**
 * Holds the body of a request to a pace. Only the time counts in which somebody waits for bytes: a server that is slow itself
 * blames no client. The runtime alone would wait for as long as it lets a connection idle.
 */
export function pacedRequest(request: Request, clock: PaceClock): PacedRequest {
  const { promise: tooSlow, resolve } = Promise.withResolvers<void>();
  if (request.body === null) {
    return { request, tooSlow };
  }
  const { url, method, headers, signal } = request;
  const body = pacedStream(request.body, clock, resolve);
  return { request: new Request(url, { method, headers, signal, body }), tooSlow };
}

function pacedStream(
  body: ReadableStream<Uint8Array>,
  clock: PaceClock,
  onSlow: () => void,
): ReadableStream<Uint8Array> {
  const reader = body.getReader();
  let waited = 0;
  let received = 0;
  const patience = () => grace + (received / slowestBytesPerSecond) * second - waited;
  return new ReadableStream(
    {
      async pull(controller) {
        const began = clock.monotonic();
        const withdraw = clock.schedule(patience(), () => {
          onSlow();
          controller.error(new Fault('timeout', 'The body came too slowly. Send it faster, or in smaller requests.'));
          void reader.cancel().catch(() => undefined);
        });
        try {
          const { done, value } = await reader.read();
          if (done) {
            controller.close();
          } else {
            received += value.length;
            controller.enqueue(value);
          }
        } finally {
          withdraw();
          waited += clock.monotonic() - began;
        }
      },
      cancel: (reason) => reader.cancel(reason),
    },
    { highWaterMark: 0 },
  );
}
