import type { Principal } from '../access/principal.ts';

/** One request, as the log tells of it. */
export interface RequestTrace {
  /** In the answer's `X-Request-Id`, and in each line of the log that is about the request. */
  readonly id: string;
  /** The pattern of its route, such as `POST /public_api/v1/download/:token`: never the path, which may hold a secret. */
  tookRoute(pattern: string): void;
  /** Whom its credential proved to be there. */
  isOf(principal: Pick<Principal, 'kind' | 'id'>): void;
}
