import type { CybereasonStatus } from './status.ts';

/** What the vendor wraps its answers in; `expectedResults` counts servers, and Custody is one. */
export interface Envelope {
  /** Left out where it is undefined: a failed query has no `data` key at all. */
  readonly data: unknown;
  readonly status: CybereasonStatus;
  readonly message: string;
}

/** The content type is exactly this, without a charset: clients compare it. */
export function replyJson(body: unknown, status = 200): Response {
  return new Response(JSON.stringify(body), { status, headers: { 'content-type': 'application/json' } });
}

function wrap({ data, status, message }: Envelope): object {
  return {
    data,
    status,
    hidePartialSuccess: false,
    message,
    expectedResults: status === 'SUCCESS' || status === 'PARTIAL_SUCCESS' ? 1 : 0,
    failures: 0,
    failedServersInfo: {
      onlineFailedServers: [],
      offlineServers: [],
      onlineFailedServersPercentage: 0,
      totalFailedServersPercentage: 0,
    },
  };
}

export function replyWrapped(envelope: Envelope, status = 200): Response {
  return replyJson(wrap(envelope), status);
}

/** A redirect as the vendor's: relative, with an empty body. */
export function redirect(location: string, cookies: readonly string[] = []): Response {
  const headers = new Headers({ location, 'content-length': '0' });
  for (const cookie of cookies) {
    headers.append('set-cookie', cookie);
  }
  return new Response(null, { status: 302, headers });
}
