import { createClient } from '#sdk/client.ts';
import { fetchTransport } from '#sdk/fetch-transport.ts';
import { noting } from './reach.ts';

/** The browser adds the session's cookie by itself, and only to this server. */
export const send = noting(fetchTransport(''));

/** The native API of the server that this page came from. */
export const client = createClient({ send });
