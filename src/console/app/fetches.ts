import { useSyncExternalStore } from 'react';
import { z } from 'zod';

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

const key = 'custody.fetches';
/** As many as anybody waits for. */
const most = 200;
const listeners = new Set<() => void>();
let fetches = read();

function read(): readonly OrderedFetch[] {
  try {
    return z.array(fetchSchema).parse(JSON.parse(sessionStorage.getItem(key) ?? '[]'));
  } catch {
    return [];
  }
}

function write(next: readonly OrderedFetch[]): void {
  fetches = next.slice(-most);
  sessionStorage.setItem(key, JSON.stringify(fetches));
  for (const listener of listeners) {
    listener();
  }
}

export function noteFetch(ordered: Omit<OrderedFetch, 'isTold'>): void {
  write([...fetches, { ...ordered, isTold: false }]);
}

export function noteTold(actionId: string): void {
  write(fetches.map((each) => (each.actionId === actionId ? { ...each, isTold: true } : each)));
}

export function forgetFetch(guid: string): void {
  write(fetches.filter((each) => each.guid !== guid));
}

/** What was ordered, the oldest first; it outlives pages and reloads. */
export function useFetches(): readonly OrderedFetch[] {
  return useSyncExternalStore(
    (changed) => {
      listeners.add(changed);
      return () => listeners.delete(changed);
    },
    () => fetches,
  );
}
