import { z } from 'zod';
import { lifetimeBounds } from '#core/action/lifetimes.ts';
import { verbs } from '#core/action/verb.ts';
import { day, hour, second } from '#core/time.ts';
import { type Contract, nothing } from './contract.ts';

const bounds = `must be from ${lifetimeBounds.least / hour} hour to ${lifetimeBounds.most / day} days, in seconds`;

const seconds = z
  .int()
  .min(lifetimeBounds.least / second, bounds)
  .max(lifetimeBounds.most / second, bounds);

const lifetimes = z.record(z.enum(verbs), z.int()).meta({
  id: 'ActionLifetimes',
  description: 'By verb, how many seconds an order waits for its endpoint before it expires.',
});

export const readLifetimes = {
  name: 'readLifetimes',
  summary: 'How long orders of each verb wait for their endpoints.',
  method: 'GET',
  path: '/settings/action-lifetimes',
  parameters: nothing,
  query: nothing,
  body: null,
  status: 200,
  reply: lifetimes,
} as const satisfies Contract;

export const changeLifetimes = {
  name: 'changeLifetimes',
  summary: 'Sets how long orders of some verbs wait for their endpoints, from now on and in every API.',
  description: 'Verbs that are left out stay as they are, and so do orders that were given before.',
  method: 'POST',
  path: '/settings/action-lifetimes',
  parameters: nothing,
  query: nothing,
  body: z.partialRecord(z.enum(verbs), seconds).meta({ id: 'ActionLifetimeChanges' }),
  example: { fetch: 86_400 },
  status: 200,
  reply: lifetimes,
} as const satisfies Contract;
