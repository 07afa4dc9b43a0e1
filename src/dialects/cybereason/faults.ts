import type { Fault, FaultCode } from '#core/fault.ts';
import { redirect, replyWrapped } from './reply.ts';
import { reputationService } from './reputation-list.ts';
import type { CybereasonStatus } from './status.ts';
import { inVendorWords } from './vendor-words.ts';

interface FaultAnswer {
  /** `enveloped`: HTTP 200 with the status inside, wherever a client looks inside; 4xx or 5xx elsewhere. */
  readonly http: 'enveloped' | 'log_in' | number;
  readonly status: CybereasonStatus;
  /** Takes the place of the fault's own words where those may tell of the server's inside. */
  readonly message?: string;
}

/**
 * The vendor answers business failures inside HTTP 200, an unknown batch with 500, a missing role with 403 and a
 * missing session with a redirect; it uses neither 401 nor 402.
 */
const answers: Record<FaultCode, FaultAnswer> = {
  invalid_json: { http: 400, status: 'FAILURE' },
  invalid_request: { http: 'enveloped', status: 'FAILURE' },
  unauthenticated: { http: 'log_in', status: 'FAILURE' },
  licence_required: { http: 403, status: 'FAILURE' },
  permission_denied: { http: 403, status: 'FAILURE' },
  not_found: { http: 404, status: 'FAILURE' },
  no_target: { http: 'enveloped', status: 'FAILURE' },
  limit_exceeded: { http: 'enveloped', status: 'QUERY_LIMIT_CROSSED' },
  key_reused: { http: 'enveloped', status: 'FAILURE' },
  conflict: { http: 'enveloped', status: 'FAILURE' },
  too_large: { http: 413, status: 'FAILURE' },
  rate_limited: { http: 429, status: 'FAILURE' },
  evidence_unavailable: { http: 'enveloped', status: 'NO_SERVERS_CONFIGURED' },
  evidence_damaged: { http: 'enveloped', status: 'FAILURE' },
  evidence_deleted: { http: 'enveloped', status: 'FAILURE' },
  timeout: {
    http: 'enveloped',
    status: 'TIMEOUT_ERROR',
    message: 'The server did not answer in time; nothing was changed. Try again.',
  },
  unavailable: { http: 503, status: 'FAILURE', message: 'The server cannot do this now. Try again later.' },
  internal: {
    http: 500,
    status: 'FAILURE',
    message: 'An unexpected problem occurred. The log of the server has the details.',
  },
};

/** @param honest whether a client that asks for JSON is told of a missing session as such, with 401. */
export function renderFault(fault: Fault, request: Request, honest = false): Response {
  const { pathname } = new URL(request.url);
  const answer = answers[fault.code];
  if (answer.http === 'log_in') {
    return honest && asksForJson(request.headers)
      ? replyWrapped({ data: undefined, status: 'FAILURE', message: fault.message }, 401)
      : redirect('/login.html');
  }
  const message = answer.message ?? (isOfIncident(fault) ? inVendorWords(fault.message) : fault.message);
  const data = pathname.startsWith('/rest/visualsearch/') ? undefined : false;
  const envelope = {
    data,
    status: answer.status,
    message,
    ...(decidesReputations(pathname) && { outcome: 'failure' }),
  };
  const response = replyWrapped(envelope, httpStatus(fault, answer.http, pathname));
  if (fault.code === 'rate_limited') {
    response.headers.set('retry-after', String(fault.details['retryAfterSeconds'] ?? 5));
  }
  return response;
}

function isOfIncident({ details }: Fault): boolean {
  return details['what'] === 'incident';
}

/** A browser asks for pages, and most clients for anything. */
function asksForJson(headers: Headers): boolean {
  const accepted = (headers.get('accept') ?? '')
    .split(',')
    .map((range) => range.split(';', 1)[0]?.trim().toLowerCase());
  return accepted.includes('application/json') && !accepted.includes('text/html');
}

const http404 = 404;

/** An argument that names nothing is mostly a wrong one to the vendor, and 404 a wrong address. */
const unknownThings: Readonly<Record<string, number>> = { batch: 500, sensor_batch: 400, incident: 400 };

function httpStatus(fault: Fault, http: number | 'enveloped', pathname: string): number {
  if (fault.code === 'not_found') {
    return unknownThings[String(fault.details['what'])] ?? http404;
  }
  if (http !== 'enveloped') {
    return http;
  }
  if (fault.details['malformed'] === true) {
    return 400;
  }
  if (readsEnvelope(pathname)) {
    return 200;
  }
  return isArchiveOrPage(pathname) ? 500 : statusOutside(fault);
}

/** Where the vendor looks at the status first: everything but its federated calls. */
function statusOutside({ code }: Fault): number {
  if (code === 'evidence_damaged') {
    return 500;
  }
  return code === 'timeout' || code === 'evidence_unavailable' ? 503 : 400;
}

/** One client looks at the status alone, another at `outcome` alone: a refusal must be one to both. */
function decidesReputations(pathname: string): boolean {
  return pathname.startsWith('/rest/classification/') || pathname.startsWith(`${reputationService}/`);
}

/** Of the other calls for MalOps, clients read the HTTP status alone: a comment that was not kept must not be 200. */
const federated = ['/rest/visualsearch/', '/rest/fetchfile/', '/rest/crimes/unified', '/rest/malware/'] as const;

/** Its one client takes 200 without a file for "file not found", so everything else must not be 200. */
export const directFetchPath = '/rest/file-search/fetch-direct';

function readsEnvelope(pathname: string): boolean {
  return federated.some((prefix) => pathname.startsWith(prefix)) && !isArchiveOrPage(pathname);
}

/** Whatever `getfiles` answers with 200 is saved as an archive, and at log-in 200 means success. */
function isArchiveOrPage(pathname: string): boolean {
  return pathname.startsWith('/rest/fetchfile/getfiles/') || !pathname.startsWith('/rest/');
}
