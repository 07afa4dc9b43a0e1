import type { Fault, FaultCode } from '#core/fault.ts';
import { answerJson } from './answer.ts';
import { pythonJson } from './python-json.ts';

interface Refusal {
  readonly status: number;
  readonly message: string;
  readonly extra: string | null;
}

/** Clients look for this phrase anywhere in the body of a 500. */
const noEndpoint = 'No endpoint was found for creating the requested action';
const processing = 'An error occurred while processing XDR public API';
/** Spelt as the vendor spells it. */
const unexpected = 'An unexpected behavior occurred by Cortex Pubic API';

/**
 * What each fault is to a client. The vendor answers almost every refusal with 500 and puts the reason into
 * `err_extra`; 401 alone has null there.
 */
const refusals: Readonly<Record<FaultCode, (fault: Fault) => Refusal>> = {
  invalid_json: ({ message }) => ({ status: 400, message: 'Bad Request. Got an invalid JSON.', extra: message }),
  invalid_request: ({ message, details }) => ({
    status: 500,
    message: details['missing'] === true ? unexpected : processing,
    extra: message,
  }),
  unauthenticated: () => ({ status: 401, message: 'Public API request unauthorized', extra: null }),
  licence_required: ({ message }) => ({
    status: 402,
    message: 'Unauthorized access. User does not have the required license type to run this API.',
    extra: message,
  }),
  permission_denied: ({ message }) => ({
    status: 403,
    message: 'Forbidden access. The provided API Key does not have the required RBAC permissions to run this API.',
    extra: message,
  }),
  not_found: ({ message, details: { what, call } }) => ({
    status: what === 'path' || what === 'link' ? 404 : 500,
    message: typeof call === 'string' ? `${processing} - ${call} - ${message}` : processing,
    extra: message,
  }),
  no_target: ({ details: { why } }) => ({
    status: 500,
    message: `${processing} - ${noEndpoint}`,
    extra: typeof why === 'string' ? `${noEndpoint}: ${why}` : noEndpoint,
  }),
  limit_exceeded: withReason(500),
  conflict: withReason(500),
  key_reused: withReason(500),
  too_large: withReason(413),
  rate_limited: withReason(429),
  evidence_unavailable: withReason(500),
  evidence_damaged: withReason(500),
  evidence_deleted: withReason(404),
  timeout: () => ({ status: 500, message: processing, extra: 'The server did not answer in time. Try again.' }),
  unavailable: () => ({ status: 500, message: processing, extra: 'The server is not ready. Try again.' }),
  internal: () => ({ status: 500, message: processing, extra: 'The server log has the details.' }),
};

/** The vendor's error envelope. */
export function renderFault(fault: Fault): Response {
  const { status, message, extra } = refusals[fault.code](fault);
  const response = answerJson(status, pythonJson({ reply: { err_code: status, err_msg: message, err_extra: extra } }));
  if (fault.code === 'rate_limited') {
    response.headers.set('retry-after', String(fault.details['retryAfterSeconds'] ?? 1));
  }
  return response;
}

function withReason(status: number): (fault: Fault) => Refusal {
  return ({ message }) => ({ status, message: processing, extra: message });
}
