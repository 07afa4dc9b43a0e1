import type { Webhook } from './webhooks.ts';

export type EventGroup = Webhook['groups'][number];

/** What a webhook can be asked to tell of. Total. */
const words: Readonly<Record<EventGroup, string>> = {
  actions: 'Orders and their outcomes',
  approvals: 'Approvals and rings',
  evidence: 'Fetched files',
  vault: 'Files in vaults',
  lists: 'Blocked and allowed hashes',
  incidents: 'Incidents',
  endpoints: 'Endpoints and agents',
  access: 'Users, keys and log-ins',
  server: 'The server itself',
  ledger: 'The record of events',
};

export function eventGroupWords(group: EventGroup): string {
  return words[group];
}
