import type { Fault, FaultCode } from '#core/fault.ts';

/** wire/upload.ts gives 401, 403, 409, 413 and 507 their meaning; the others are HTTP's own. */
const statuses: Record<FaultCode, number> = {
  invalid_json: 400,
  invalid_request: 400,
  unauthenticated: 401,
  licence_required: 402,
  permission_denied: 403,
  not_found: 404,
  no_target: 404,
  limit_exceeded: 413,
  conflict: 409,
  key_reused: 422,
  too_large: 413,
  rate_limited: 429,
  evidence_unavailable: 507,
  evidence_damaged: 500,
  evidence_deleted: 410,
  timeout: 504,
  unavailable: 503,
  internal: 500,
};

/** `{ error, code }`; nothing beside the status to HEAD. */
export function renderFault(fault: Fault, method: string): Response {
  const status = statuses[fault.code];
  return method === 'HEAD'
    ? new Response(null, { status })
    : Response.json({ error: fault.message, code: fault.code }, { status, headers: retryHeaders(fault) });
}

function retryHeaders({ details: { retryAfterSeconds } }: Fault): Record<string, string> {
  return retryAfterSeconds === undefined ? {} : { 'retry-after': String(retryAfterSeconds) };
}
