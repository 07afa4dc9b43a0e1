import type { QueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { ApiError } from '#sdk/api-error.ts';
import type { CustodyEvent } from '#sdk/follow-events.ts';
import { later } from '../kit/clock.ts';
import { client } from './client.ts';

/** `live`: what is shown follows the server; `reconnecting`: it does not just now; `off`: whoever is logged in may not follow. */
export type Liveness = 'live' | 'reconnecting' | 'off';

/** Many events come at once; what is shown is asked for anew at most this often. */
const gatherFor = 700;
const comeAgainAfter = 4_000;

/** What an event may have changed: the first words of the keys of queries. */
function rootsOf({ type, actionId, incidentId }: CustodyEvent): readonly string[] {
  return [
    'events',
    ...(actionId === null ? [] : ['actions', 'quarantine', 'files', 'evidence', 'approvals']),
    ...(incidentId === null ? [] : ['incidents']),
    ...(/^(endpoint|agent|copy|clone)/.test(type) ? ['endpoints'] : []),
    ...(/^(hash|list)/.test(type) ? ['hashes'] : []),
    ...(/^emergency/.test(type) ? ['server', 'emergency-stop'] : []),
    ...(/^(user|key|role|session|token|enrolment|password|second_factor|recovery|logged|endpoint_enrolled)/.test(type)
      ? ['access']
      : []),
    ...(/^webhook/.test(type) ? ['webhooks'] : []),
    ...(/^(settings|clock|evidence)/.test(type) ? ['server', 'evidence'] : []),
  ];
}

/** Follows the server's events, and has what they concern asked for anew, for as long as the page is there. */
export function useLive(queries: QueryClient, isAllowed: boolean): Liveness {
  const [liveness, setLiveness] = useState<Liveness>('reconnecting');
  useEffect(() => {
    if (!isAllowed) {
      return;
    }
    const leaving = new AbortController();
    void follow(queries, leaving.signal, setLiveness);
    return () => leaving.abort();
  }, [queries, isAllowed]);
  return isAllowed ? liveness : 'off';
}

async function follow(queries: QueryClient, signal: AbortSignal, told: (liveness: Liveness) => void): Promise<void> {
  const gathered = new Gathered(queries);
  while (!signal.aborted) {
    try {
      told('live');
      for await (const event of client.followEvents({ signal })) {
        gathered.add(rootsOf(event));
      }
    } catch (failure) {
      told(failure instanceof ApiError && failure.status === 403 ? 'off' : 'reconnecting');
    }
    if (!signal.aborted) {
      await new Promise((resolve) => later(comeAgainAfter, () => resolve(undefined)));
      // What was missed meanwhile is asked for whole.
      await queries.invalidateQueries();
    }
  }
}

class Gathered {
  readonly #roots = new Set<string>();
  readonly #queries: QueryClient;
  #isDue = false;

  constructor(queries: QueryClient) {
    this.#queries = queries;
  }

  add(roots: readonly string[]): void {
    for (const root of roots) {
      this.#roots.add(root);
    }
    if (!this.#isDue && this.#roots.size > 0) {
      this.#isDue = true;
      later(gatherFor, () => this.#ask());
    }
  }

  #ask(): void {
    this.#isDue = false;
    const roots = [...this.#roots];
    this.#roots.clear();
    for (const root of roots) {
      void this.#queries.invalidateQueries({ queryKey: [root] });
    }
  }
}
