/**
 * Everything that can go wrong, as one closed list. A fault carries no HTTP status: each dialect owns a total
 * table that turns a code into its vendor's answer, so a new code does not compile until every dialect decided.
 */
export const faultCodes = [
  'invalid_json',
  'invalid_request',
  'unauthenticated',
  'licence_required',
  'permission_denied',
  'not_found',
  'no_target',
  'limit_exceeded',
  'conflict',
  'key_reused',
  'too_large',
  'rate_limited',
  'evidence_unavailable',
  /** Its bytes are there and are not what was stored. */
  'evidence_damaged',
  /** Its bytes were deleted, by a rule or by a person. */
  'evidence_deleted',
  'timeout',
  'unavailable',
  'internal',
] as const;

export type FaultCode = (typeof faultCodes)[number];

/** What a fault is about: the offending field, the limit that was passed, the thing that was not found. */
export type FaultDetails = Readonly<Record<string, string | number | boolean | readonly string[]>>;

export class Fault extends Error {
  override readonly name = 'Fault';
  readonly code: FaultCode;
  readonly details: FaultDetails;

  /**
   * @param code one of the closed list.
   * @param message one sentence for the caller that says what is wrong and what to do; never a secret.
   */
  constructor(code: FaultCode, message: string, options: { cause?: unknown; details?: FaultDetails } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.details = options.details ?? {};
  }
}

/** Wraps an unknown thrown thing once, at the edge; a fault passes through. The original is kept as `cause`. */
export function asFault(thrown: unknown): Fault {
  if (thrown instanceof Fault) {
    return thrown;
  }
  return new Fault('internal', 'An unexpected error occurred. The server log has the details.', { cause: thrown });
}
