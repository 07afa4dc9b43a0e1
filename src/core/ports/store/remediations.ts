import type { Remediation, RemediationId } from '../../remediation/remediation.ts';
import type { Milliseconds } from '../../time.ts';
import type { Listing, Page } from './page.ts';

export interface RemediationReader {
  byId(id: RemediationId): Promise<Remediation | undefined>;
  /** Of one incident, as `Remediation.incident` names it; null: of none. Newest first. */
  list(incident: string | null, page: Page): Promise<Listing<Remediation>>;
  /** Whether any remediation names one of these as its incident, a machine or a target. Any number of names. */
  anyNames(names: readonly string[]): Promise<boolean>;
}

export interface RemediationWriter extends RemediationReader {
  /** @throws Fault `conflict` when the id is taken. */
  insert(remediation: Remediation): Promise<void>;
  /** @returns false when it was aborted before. */
  abort(id: RemediationId, at: Milliseconds, by: NonNullable<Remediation['abortedBy']>): Promise<boolean>;
}
