import { createHmac, timingSafeEqual } from 'node:crypto';

/** What a receiver was sent. */
export interface Received {
  readonly path: string;
  readonly headers: Headers;
  readonly text: string;
}

export type Answer = (received: Received) => Response | Promise<Response>;

/** Somebody else's server, on this machine, which takes everything unless it is told to answer otherwise. */
export interface Receiver extends Disposable {
  readonly url: string;
  readonly port: number;
  readonly received: Received[];
  answer: Answer;
  /** Numbers of the events that it took, in the order in which they came. */
  taken(): readonly number[];
}

export interface ReceiverOptions {
  /** PEM. Default: without TLS. */
  readonly tls?: { readonly key: string; readonly cert: string };
}

export function openReceiver({ tls }: ReceiverOptions = {}): Receiver {
  const took = new Set<Received>();
  const server = Bun.serve({
    ...{ hostname: '127.0.0.1', port: 0, idleTimeout: 0 },
    ...(tls && { tls: { key: tls.key, cert: tls.cert } }),
    async fetch(request) {
      const { pathname: path } = new URL(request.url);
      const received = { path, headers: request.headers, text: await request.text() };
      receiver.received.push(received);
      const response = await receiver.answer(received);
      if (response.ok) {
        took.add(received);
      }
      return response;
    },
  });
  const receiver: Receiver = {
    url: `http://127.0.0.1:${server.port}/custody?key=in-the-path`,
    port: server.port ?? 0,
    received: [],
    answer: () => new Response(null, { status: 204 }),
    taken: () =>
      receiver.received.filter((each) => took.has(each)).map(({ text }) => Number(JSON.parse(text).sequence)),
    [Symbol.dispose]: () => void server.stop(true),
  };
  return receiver;
}

const tolerance = 5 * 60;

/**
 * Whether a message is signed with the secret: written from the text of Standard Webhooks, as a receiver would, and knows nothing of how
 * it was signed.
 * @param now seconds
 */
export function isSigned({ headers, text }: Received, secret: string, now: number): boolean {
  const id = headers.get('webhook-id') ?? '';
  const timestamp = headers.get('webhook-timestamp') ?? '';
  if (!/^\d+$/.test(timestamp) || Math.abs(now - Number(timestamp)) > tolerance || !secret.startsWith('whsec_')) {
    return false;
  }
  const key = Buffer.from(secret.slice('whsec_'.length), 'base64');
  const expected = createHmac('sha256', key).update(`${id}.${timestamp}.${text}`).digest();
  return (headers.get('webhook-signature') ?? '').split(' ').some((signature) => {
    const [scheme, value = ''] = signature.split(',');
    const given = Buffer.from(value, 'base64');
    return scheme === 'v1' && given.length === expected.length && timingSafeEqual(given, expected);
  });
}
