import { describe } from 'bun:test';
import { describeActions } from './store/actions.ts';
import { describeAlerts } from './store/alerts.ts';
import { describeApprovals } from './store/approvals.ts';
import { describeConcurrency } from './store/concurrency.ts';
import { describeCredentials } from './store/credentials.ts';
import { describeDumps } from './store/dumps.ts';
import { describeEndpoints } from './store/endpoints.ts';
import { describeEvents } from './store/events.ts';
import { describeEvidence } from './store/evidence.ts';
import { describeFeeds } from './store/feeds.ts';
import { describeFiles } from './store/files.ts';
import { describeFleetActions } from './store/fleet-actions.ts';
import { describeHashLists } from './store/hash-lists.ts';
import { describeIdempotency } from './store/idempotency.ts';
import { describeIncidents } from './store/incidents.ts';
import { describeLedger } from './store/ledger.ts';
import { describeMachines } from './store/machines.ts';
import { describeNarrowing } from './store/narrowing.ts';
import { describeOutcomes } from './store/outcomes.ts';
import type { MakePlace } from './store/place.ts';
import { describeQuarantine } from './store/quarantine.ts';
import { describeRemediations } from './store/remediations.ts';
import { describeSettings } from './store/settings.ts';
import { describeTasks } from './store/tasks.ts';
import { describeTransactions } from './store/transactions.ts';
import { describeTransitions } from './store/transitions.ts';

/** What every implementation of the store port owes. */
export function describeStore(name: string, makePlace: MakePlace): void {
  describe(`A store ${name}`, () => {
    describeTransactions(makePlace);
    describeConcurrency(makePlace);
    describeEndpoints(makePlace);
    describeFiles(makePlace);
    describeActions(makePlace);
    describeTasks(makePlace);
    describeTransitions(makePlace);
    describeApprovals(makePlace);
    describeFleetActions(makePlace);
    describeHashLists(makePlace);
    describeIncidents(makePlace);
    describeAlerts(makePlace);
    describeOutcomes(makePlace);
    describeQuarantine(makePlace);
    describeEvidence(makePlace);
    describeCredentials(makePlace);
    describeMachines(makePlace);
    describeRemediations(makePlace);
    describeSettings(makePlace);
    describeIdempotency(makePlace);
    describeFeeds(makePlace);
    describeEvents(makePlace);
    describeLedger(makePlace);
    describeNarrowing(makePlace);
    describeDumps(makePlace);
  });
}
