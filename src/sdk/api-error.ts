import type { FaultCode } from '#core/fault.ts';

/** The server's closed list, and what can happen on the way to it. */
export type ApiErrorCode = FaultCode | 'unreachable' | 'unexpected_reply';

export interface ApiErrorOptions {
  readonly code: ApiErrorCode;
  /** HTTP status; 0 when no reply came. */
  readonly status: number;
  readonly details?: Readonly<Record<string, unknown>>;
  readonly cause?: unknown;
}

/** Every way in which a call can fail. The message is one sentence for people. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly code: ApiErrorCode;
  readonly status: number;
  readonly details: Readonly<Record<string, unknown>>;

  constructor(message: string, { code, status, details, cause }: ApiErrorOptions) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    this.status = status;
    this.details = details ?? {};
  }
}
