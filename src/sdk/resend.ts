import type { ApiReply, ApiRequest, Send } from './send.ts';
import type { Pause } from './timer.ts';

/** Before the second, third and fourth time. */
const pauses = [200, 1_000, 3_000] as const;

/**
 * Sends a request with an Idempotency-Key again, the same to the byte, where no whole answer came: the server carries it out
 * once, however many of them have reached it. Others are sent once.
 */
export function withResending(send: Send, pause: Pause): Send {
  return (request) => ('idempotency-key' in request.headers ? sendUntilAnswered(send, pause, request) : send(request));
}

async function sendUntilAnswered(send: Send, pause: Pause, request: ApiRequest): Promise<ApiReply> {
  for (const length of pauses) {
    const reply = await wholeReply(send, request).catch(() => undefined);
    if (reply !== undefined && !isStillRunning(reply)) {
      return reply;
    }
    await pause(length);
  }
  return wholeReply(send, request);
}

/** The body too: a connection may break in the middle of an answer. */
async function wholeReply(send: Send, request: ApiRequest): Promise<ApiReply> {
  const { status, headers, body } = await send(request);
  return { status, headers, body: body === null ? null : new Response(await new Response(body).bytes()).body };
}

/** The request came before and goes on, though its connection is gone. */
function isStillRunning(reply: ApiReply): boolean {
  return reply.status === 409 && reply.headers.get('retry-after') !== null;
}
