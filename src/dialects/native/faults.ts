import type { Fault, FaultCode } from '#core/fault.ts';
import { json } from './reply.ts';
import { problemMediaType } from './schemas/problem.ts';

interface Rendering {
  readonly status: number;
  readonly title: string;
}

export const faultRenderings: Record<FaultCode, Rendering> = {
  invalid_json: { status: 400, title: 'Not JSON' },
  invalid_request: { status: 400, title: 'Invalid request' },
  unauthenticated: { status: 401, title: 'Not authenticated' },
  licence_required: { status: 402, title: 'Licence required' },
  permission_denied: { status: 403, title: 'Permission denied' },
  not_found: { status: 404, title: 'Not found' },
  no_target: { status: 422, title: 'No target' },
  limit_exceeded: { status: 422, title: 'Limit exceeded' },
  conflict: { status: 409, title: 'Conflict' },
  key_reused: { status: 422, title: 'Idempotency key reused' },
  too_large: { status: 413, title: 'Too large' },
  rate_limited: { status: 429, title: 'Too many requests' },
  evidence_unavailable: { status: 503, title: 'Evidence storage unavailable' },
  evidence_damaged: { status: 500, title: 'Evidence damaged' },
  evidence_deleted: { status: 410, title: 'Evidence deleted' },
  timeout: { status: 504, title: 'Timeout' },
  unavailable: { status: 503, title: 'Unavailable' },
  internal: { status: 500, title: 'Internal error' },
};

/** RFC 9457 problem details; the id is the one under which the server's log tells of the request. */
export function renderFault(fault: Fault, _request?: Request, requestId?: string): Response {
  const { status, title } = faultRenderings[fault.code];
  const { code, message: detail, details } = fault;
  const response = json(
    {
      type: `urn:custody:fault:${code}`,
      title,
      status,
      detail,
      code,
      details,
      ...(requestId !== undefined && { requestId }),
    },
    status,
    problemMediaType,
  );
  if (code === 'unauthenticated') {
    response.headers.set('www-authenticate', 'Bearer, Custody-Key');
  }
  if (typeof details['retryAfterSeconds'] === 'number') {
    response.headers.set('retry-after', String(details['retryAfterSeconds']));
  }
  return response;
}
