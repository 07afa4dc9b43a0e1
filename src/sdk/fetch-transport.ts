import type { Send } from './send.ts';

/**
 * A transport over the standard `fetch`.
 * @param server the server's base URL, `https://...`.
 * @param perform another `fetch`, for example one that trusts a private authority.
 */
export function fetchTransport(
  server: string,
  perform: (url: string, init: RequestInit) => Promise<Response> = fetch,
): Send {
  const base = server.replace(/\/+$/, '');
  return ({ method, path, headers, body, signal }) =>
    perform(`${base}${path}`, {
      ...{ method, headers, redirect: 'error' },
      ...(body !== undefined && { body }),
      ...(signal !== undefined && { signal }),
    });
}
