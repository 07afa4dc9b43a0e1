import { createClient } from '#sdk/client.ts';
import { fetchTransport } from '#sdk/fetch-transport.ts';

/** The browser adds the session's cookie by itself, and only to this server. */
export const send = fetchTransport('');

/** The native API of the server that this page came from. */
export const client = createClient({ send });
