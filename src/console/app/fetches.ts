import { useQuery } from '@tanstack/react-query';
import { useSyncExternalStore } from 'react';
import { z } from 'zod';
import { meQuery, queryClient } from './queries.ts';

const fetchSchema = z.object({
  actionId: z.string(),
  guid: z.string(),
  /** As it is shown. */
  path: z.string(),
  reason: z.string().optional(),
  /** Whether the person has been told how it ended. */
  isTold: z.boolean(),
});

/** A download of a file that this person ordered in this tab of the browser. */
export type OrderedFetch = Readonly<z.infer<typeof fetchSchema>>;

const keptSchema = z.object({
  /** The id of whoever ordered them. */
  by: z.string(),
  fetches: z.array(fetchSchema),
});

type Kept = Readonly<z.infer<typeof keptSchema>>;

const key = 'custody.fetches';
/** As many as anybody waits for. */
const most = 200;
const listeners = new Set<() => void>();
const none: readonly OrderedFetch[] = [];
let kept = read();

function read(): Kept | undefined {
  try {
    return keptSchema.parse(JSON.parse(sessionStorage.getItem(key) ?? ''));
  } catch {
    return undefined;
  }
}

function write(next: Kept | undefined): void {
  kept = next;
  if (next === undefined) {
    sessionStorage.removeItem(key);
  } else {
    sessionStorage.setItem(key, JSON.stringify(next));
  }
  for (const listener of listeners) {
    listener();
  }
}

function change(changed: (fetches: readonly OrderedFetch[]) => OrderedFetch[]): void {
  if (kept !== undefined) {
    write({ ...kept, fetches: changed(kept.fetches).slice(-most) });
  }
}

export function noteFetch(ordered: Omit<OrderedFetch, 'isTold'>): void {
  const me = queryClient.getQueryData(meQuery.queryKey);
  if (me !== undefined && me !== null) {
    keepFetchesOf(me.id);
    change((fetches) => [...fetches, { ...ordered, isTold: false }]);
  }
}

export function noteTold(actionId: string): void {
  change((fetches) => fetches.map((each) => (each.actionId === actionId ? { ...each, isTold: true } : each)));
}

export function forgetFetch(guid: string): void {
  change((fetches) => fetches.filter((each) => each.guid !== guid));
}

export function forgetFetches(): void {
  write(undefined);
}

/** Forgets what anybody else has ordered in this tab. @param personId of whoever is logged in */
export function keepFetchesOf(personId: string): void {
  if (kept?.by !== personId) {
    write({ by: personId, fetches: [] });
  }
}

/** What was ordered, the oldest first; it outlives pages and reloads, and is for nobody else. */
export function useFetches(): readonly OrderedFetch[] {
  const { data: me } = useQuery(meQuery);
  const now = useSyncExternalStore(
    (changed) => {
      listeners.add(changed);
      return () => listeners.delete(changed);
    },
    () => kept,
  );
  // A session that has ended may be theirs again.
  const isTheirs = me === null || me?.id === now?.by;
  return isTheirs ? (now?.fetches ?? none) : none;
}
