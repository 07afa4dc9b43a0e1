import type { Guid } from '#core/file/guid.ts';
import type { Reader } from '#core/ports/store/store.ts';
import type { Milliseconds } from '#core/time.ts';
import type { Element } from './element.ts';
import type { QueryFilter } from './query-request.ts';

/** What every search needs. */
export interface Search {
  readonly reader: Reader;
  readonly now: Milliseconds;
}

/** Which elements of one type are looked for: what fits all of it. */
export interface Sought {
  readonly filters: readonly QueryFilter[];
  /** Undefined for no restriction. */
  readonly guids: ReadonlySet<Guid> | undefined;
  /** Elements with a reference, by each of these features, to one of its targets. */
  readonly linked: readonly Linked[];
}

export interface Linked {
  readonly feature: string;
  readonly targets: ReadonlySet<Guid>;
}

export interface SearchEnd {
  /** How many elements there are that match, so far as it was counted. */
  readonly total: number;
  /** Whether the search gave up before it had looked at everything. */
  readonly terminated: boolean;
}

export interface Taker {
  /** How many elements are passed over first. */
  readonly skip: number;
  /** Whether it is enough to know which elements they are and where they lead: what else there is to them need not be read. */
  readonly bare: boolean;
  /** Whether all that match must be counted even when the taker has enough: pages are counted by it. */
  readonly counted: boolean;
  /** @returns false when it has enough. */
  take(element: Element): boolean;
}

/** Hands over each element once, exact matches first, until the taker has enough. */
export type Finder = (search: Search, sought: Sought, taker: Taker) => Promise<SearchEnd>;

/**
 * One of the sets that a feature must lead into; of several, which narrow the search each, the others are left to
 * `isLinked`.
 */
export function targetsOf({ linked }: Sought, feature: string): ReadonlySet<Guid> | undefined {
  return linked.find((link) => link.feature === feature)?.targets;
}

export function isLinked(element: Element, linked: readonly Linked[]): boolean {
  return linked.every(({ feature, targets }) =>
    (element.references[feature] ?? []).some(({ guid }) => targets.has(guid)),
  );
}
