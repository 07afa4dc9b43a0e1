import { Fault } from '#core/fault.ts';
import type { Clock } from '#core/ports/clock.ts';
import type { Milliseconds } from '#core/time.ts';
import { abortableBody } from './abortable-body.ts';

export interface Deadline {
  readonly clock: Pick<Clock, 'schedule'>;
  readonly patience: Milliseconds;
}

/** @throws Fault `too_large` as soon as a body passes `limit` bytes, whatever its head claimed; `timeout` for one that does not come. */
export async function readBounded(request: Request, limit: number, { clock, patience }: Deadline): Promise<Uint8Array> {
  const late = new AbortController();
  const withdraw = clock.schedule(patience, () => late.abort());
  try {
    return await readAll(request.body === null ? [] : abortableBody(request.body, late.signal), limit);
  } catch (thrown) {
    if (late.signal.aborted) {
      throw new Fault('timeout', `The body did not come within ${patience / 1_000} seconds.`, { cause: thrown });
    }
    throw thrown;
  } finally {
    withdraw();
  }
}

async function readAll(body: AsyncIterable<Uint8Array> | Iterable<Uint8Array>, limit: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of body) {
    length += chunk.length;
    if (length > limit) {
      throw new Fault('too_large', `The body has more than ${limit} bytes.`, { details: { limit } });
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
