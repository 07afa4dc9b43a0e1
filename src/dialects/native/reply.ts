import type { Contract } from './schemas/contract.ts';

/** On every answer: nothing here is a page, and nothing here is for a cache. */
export const always = { 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' };

/** What an operation answers with, and a cookie for the browser that asked. */
export class WithCookie<Value> {
  readonly value: Value;
  readonly cookie: string;

  constructor(value: Value, cookie: string) {
    this.value = value;
    this.cookie = cookie;
  }
}

/** Turns what an operation returned into its response. */
export function reply(contract: Contract, result: unknown): Response {
  if (result instanceof WithCookie) {
    const response = reply(contract, result.value);
    response.headers.append('set-cookie', result.cookie);
    return response;
  }
  if (result instanceof Response) {
    return result;
  }
  if (contract.reply === null) {
    return new Response(null, { status: contract.status, headers: always });
  }
  return json(result, contract.status, 'application/json');
}

export function json(value: unknown, status: number, mediaType: string): Response {
  return new Response(JSON.stringify(value), { status, headers: { ...always, 'content-type': mediaType } });
}

export function text(value: string, mediaType: string): Response {
  return new Response(value, { status: 200, headers: { ...always, 'content-type': mediaType } });
}

/** Bytes from endpoints are hostile: never shown, never sniffed, and powerless if a browser shows them after all. */
export function attachment(
  body: ReadableStream<Uint8Array>,
  facts: { readonly mediaType: string; readonly disposition: string; readonly size?: number | undefined },
): Response {
  const headers = new Headers({
    ...always,
    'content-type': facts.mediaType,
    'content-disposition': facts.disposition,
    'content-security-policy': "sandbox; default-src 'none'",
  });
  if (facts.size !== undefined) {
    headers.set('content-length', String(facts.size));
  }
  return new Response(body, { headers });
}
