import type { Licence } from '../access/licence.ts';
import type { Verb } from '../action/verb.ts';
import type { Milliseconds } from '../time.ts';

/** What the administrator decided, as the use cases need it. */
export interface Policy {
  readonly licences: readonly Licence[];
  /** Most files that one fetch batch may name (`CUSTODY_BATCH_LIMIT`). */
  readonly batchLimit: number;
  /** Most endpoints that one quarantine may name. */
  readonly quarantineEndpointLimit: number;
  /** How long a task waits for its endpoint before it expires. */
  readonly lifetime: Readonly<Record<Verb, Milliseconds>>;
  readonly sessionLifetime: Milliseconds;
  /** How long a fetch batch and its links answer after it was started. */
  readonly retrievalLifetime: Milliseconds;
  /** Largest file that evidence storage takes, in bytes. */
  readonly evidenceSizeLimit: number;
  /** Absolute, no trailing slash: what links to this server begin with. */
  readonly publicUrl: string;
}
