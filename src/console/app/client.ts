import { type Client, createClient } from '#sdk/client.ts';
import { fetchTransport } from '#sdk/fetch-transport.ts';
import { noting } from './reach.ts';

/** The browser adds the session's cookie by itself, and only to this server. */
export const send = noting(fetchTransport(''));

/** The native API of the server that this page came from. */
export const client = createClient({ send });

/** The same, for answers that somebody may cease to wait for: what is on its way then is given up. */
export function clientUntil(ceased: AbortSignal): Client {
  return createClient({ send: (request) => send({ ...request, signal: ceased }) });
}
