import { type Contract, streamEnded } from '#dialects/native/schemas/contract.ts';
import { ApiError } from './api-error.ts';
import { type CallInput, request } from './call.ts';
import { type BodyReader, type Frame, readFrames } from './read-frames.ts';
import type { ApiReply, Send } from './send.ts';
import type { Pause } from './timer.ts';

export interface StreamPorts {
  readonly send: Send;
  readonly pause: Pause;
}

/** The server says that it lives every 15 seconds; a proxy in between may have forgotten the connection without a word. */
const longestSilence = 45_000;

/**
 * The frames of one connection, until the server ends it or the caller's signal is aborted.
 * @throws ApiError as any call, and `unreachable` when the connection breaks or falls silent
 */
export async function* openStream<Of extends Contract>(
  { send, pause }: StreamPorts,
  contract: Of,
  input: CallInput<Of>,
): AsyncGenerator<Frame> {
  const connection = new AbortController();
  const leave = () => connection.abort();
  input.signal?.addEventListener('abort', leave);
  try {
    const asking = request(send, contract, { ...input, signal: connection.signal });
    const reader = readerOf(asking, connection.signal);
    const frames = readFrames(await heard(pause, reader));
    for (;;) {
      const { done, value } = await heard(pause, frames.next());
      if (done === true || value.event === streamEnded) {
        return;
      }
      yield value;
    }
  } finally {
    input.signal?.removeEventListener('abort', leave);
    leave();
  }
}

/** A reply that comes when nobody waits for it any more is let go at once, and so is one that nobody reads on in. */
async function readerOf(asking: Promise<ApiReply>, signal: AbortSignal): Promise<BodyReader> {
  const { body, status } = await asking;
  if (body === null) {
    throw new ApiError('The server sent no stream.', { code: 'unexpected_reply', status });
  }
  const reader = body.getReader();
  // Of a connection that is broken already there is nothing to let go.
  const letGo = () => void reader.cancel().catch(() => undefined);
  if (signal.aborted) {
    letGo();
  }
  signal.addEventListener('abort', letGo);
  return reader;
}

async function heard<Result>(pause: Pause, coming: Promise<Result>): Promise<Result> {
  const came = new AbortController();
  const silent = pause(longestSilence, came.signal).then(() => {
    throw new ApiError('The server has said nothing for too long.', { code: 'unreachable', status: 0 });
  });
  // Whichever comes second is of no interest to anybody.
  silent.catch(() => undefined);
  coming.catch(() => undefined);
  try {
    return await Promise.race([coming, silent]);
  } finally {
    came.abort();
  }
}
