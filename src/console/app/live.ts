import type { QueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { ApiError } from '#sdk/api-error.ts';
import type { CustodyEvent } from '#sdk/follow-events.ts';
import { later } from '../kit/clock.ts';
import { AskingAnew } from './asking-anew.ts';
import { client } from './client.ts';

/** `live`: what is shown follows the server; `reconnecting`: it does not just now; `off`: whoever is logged in may not follow. */
export type Liveness = 'live' | 'reconnecting' | 'off';

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
  const asking = new AskingAnew(queries);
  while (!signal.aborted) {
    try {
      told('live');
      for await (const event of client.followEvents({ signal })) {
        asking.add(rootsOf(event));
      }
    } catch (failure) {
      told(failure instanceof ApiError && failure.status === 403 ? 'off' : 'reconnecting');
    }
    if (!signal.aborted) {
      await new Promise((resolve) => later(comeAgainAfter, () => resolve(undefined)));
      // What was missed meanwhile is asked for whole; what comes from now on is followed before the answers are there.
      void queries.invalidateQueries();
    }
  }
}
