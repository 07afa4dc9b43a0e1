import type { Client } from '#sdk/client.ts';
import type { CustodyEvent } from '#sdk/follow-events.ts';

export type User = Awaited<ReturnType<Client['listUsers']>>['items'][number];

/** Who has logged in. */
export type Me = Awaited<ReturnType<Client['whoAmI']>>;

/** What stands before the name of whoever caused an event. Total. */
export const actorWords: Readonly<Record<CustodyEvent['actor']['kind'], string>> = {
  user: '',
  key: 'key ',
  local: '',
  agent: 'agent on ',
  server: '',
};
