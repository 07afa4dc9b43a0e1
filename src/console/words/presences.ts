import type { Client } from '#sdk/client.ts';
import type { Worded } from './statuses.ts';

export type Endpoint = Awaited<ReturnType<Client['listEndpoints']>>['items'][number];

export const presenceWords: Readonly<Record<Endpoint['presence'], Worded>> = {
  connected: { label: 'Connected', tone: 'good' },
  disconnected: { label: 'Offline', tone: 'wait' },
  lost: { label: 'Lost', tone: 'bad' },
};

export function nameOf({ alias, hostName }: Pick<Endpoint, 'alias' | 'hostName'>): string {
  return alias === '' ? hostName : `${alias} (${hostName})`;
}
