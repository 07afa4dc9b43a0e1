import type { Endpoint, HostFacts } from '../../endpoint/endpoint.ts';
import type { EndpointId, EndpointNumber } from '../../endpoint/endpoint-id.ts';
import type { Platform } from '../../endpoint/platform.ts';
import type { Presence, Standing } from '../../endpoint/presence.ts';
import type { ScanStatus } from '../../endpoint/scan-status.ts';
import type { Milliseconds } from '../../time.ts';
import type { Listing, Page } from './page.ts';

/** All given conditions must hold; within one, any of its values. Text compares without regard to case. */
export interface EndpointFilter {
  readonly ids?: readonly EndpointId[];
  readonly numbers?: readonly EndpointNumber[];
  readonly hostNames?: readonly string[];
  readonly hostNameContains?: readonly string[];
  readonly aliases?: readonly string[];
  readonly aliasContains?: readonly string[];
  readonly platforms?: readonly Platform[];
  readonly addresses?: readonly string[];
  readonly userNames?: readonly string[];
  readonly userNameContains?: readonly string[];
  /** These compare exactly. */
  readonly tags?: readonly string[];
  /** Judged at `now`, by the rule of `presenceOf`. */
  readonly presence?: { readonly among: readonly Presence[]; readonly now: Milliseconds };
  /** Judged at `now`, by the rule of `standingOf`. */
  readonly standing?: { readonly among: readonly Standing[]; readonly now: Milliseconds };
  readonly enrolledFrom?: Milliseconds;
  readonly enrolledTo?: Milliseconds;
  readonly lastSeenFrom?: Milliseconds;
  readonly lastSeenTo?: Milliseconds;
  /** How the newest scan went, judged at `now` by the rule of `scanStatusOf`. */
  readonly lastScan?: { readonly among: readonly ScanStatus[]; readonly now: Milliseconds };
  readonly archived?: boolean;
  readonly revoked?: boolean;
  /** Further conditions, for what is said twice of one thing. A few, not nested. */
  readonly every?: readonly EndpointFilter[];
  /** Whoever meets one of these is left out. A few, not nested. */
  readonly without?: readonly EndpointFilter[];
}

/** How many there are of each; archived ones count as archived only. */
export type EndpointCounts = Readonly<Record<Presence | 'archived', number>>;

export interface EndpointOrder {
  /** `enrolment`: as they came, whatever the clock said; later ones are behind all others. */
  readonly by: 'id' | 'enrolment' | 'enrolledAt' | 'lastSeen' | 'hostName';
  readonly direction: 'ascending' | 'descending';
}

export type OrderTarget = Pick<Endpoint, 'id' | 'number' | 'platform'>;

export interface EndpointReader {
  byId(id: EndpointId): Promise<Endpoint | undefined>;
  /** In no particular order; unknown ids are left out. Any number of ids. */
  byIds(ids: readonly EndpointId[]): Promise<readonly Endpoint[]>;
  /** Of these ids, those that are enrolled and not revoked: what an order needs to know of its targets. */
  targetsAmong(ids: readonly EndpointId[]): Promise<readonly OrderTarget[]>;
  /** As `targetsAmong`, of all endpoints, by id. */
  allTargets(): Promise<readonly OrderTarget[]>;
  byNumbers(numbers: readonly EndpointNumber[]): Promise<readonly Endpoint[]>;
  /** Ties are broken by id. */
  list(filter: EndpointFilter, order: EndpointOrder, page: Page): Promise<Listing<Endpoint>>;
  /** Of those that the filter leaves. */
  count(filter: EndpointFilter, now: Milliseconds): Promise<EndpointCounts>;
  /** Those of these that are revoked. */
  revokedAmong(ids: readonly EndpointId[]): Promise<readonly EndpointId[]>;
}

export interface EndpointWriter extends EndpointReader {
  /** @throws Fault `conflict` when id or number is taken. */
  insert(endpoint: Endpoint): Promise<void>;
  updateFacts(id: EndpointId, facts: HostFacts, lastSeen: Milliseconds): Promise<void>;
  updateKeys(id: EndpointId, vaultRecipient: string): Promise<void>;
  /** Renews or ends the lease on being connected; revoked ones have none. */
  markSeen(ids: readonly EndpointId[], lastSeen: Milliseconds, connectedUntil: Milliseconds | null): Promise<void>;
  /** @returns those that were not archived before. */
  archive(ids: readonly EndpointId[], at: Milliseconds, reason: string): Promise<readonly EndpointId[]>;
  /** @returns those that were archived. */
  unarchive(ids: readonly EndpointId[], reason: string): Promise<readonly EndpointId[]>;
  /** For good: they count as gone, and are connected no more. @returns those that were not revoked before. */
  revoke(ids: readonly EndpointId[], at: Milliseconds): Promise<readonly EndpointId[]>;
  /** @returns those that had another alias. */
  rename(ids: readonly EndpointId[], alias: string): Promise<readonly EndpointId[]>;
  setTags(changes: readonly Pick<Endpoint, 'id' | 'tags'>[]): Promise<void>;
  /** At start of a process that alone holds connections: nobody is connected. */
  clearPresence(): Promise<void>;
}
