import type { Client } from '#sdk/client.ts';
import { counted } from './amounts.ts';

type BrokenRule = Awaited<ReturnType<Client['previewQuarantine']>>['rules'][number];

/** Why an order waits for a second person. Total. */
export const guardRuleWords: Readonly<Record<BrokenRule['rule'], (rule: BrokenRule) => string>> = {
  endpoints: ({ count, limit }) => `${counted(count, 'endpoint')}; one person alone may order up to ${limit}.`,
  fleet_percent: ({ count, limit }) =>
    `${counted(count, 'endpoint')} of the fleet; one person alone may order up to ${limit}.`,
  protected_files: ({ count }) => `${counted(count, 'file')} that agents may protect.`,
  packaged: ({ count }) => `${counted(count, 'content')} that a system package has, just as installed.`,
  fetched_files: ({ count, limit }) => `${counted(count, 'file')}; one person alone may fetch up to ${limit}.`,
  fetch_endpoints: ({ count, limit }) =>
    `Files of ${counted(count, 'endpoint')}; one person alone may fetch from up to ${limit}.`,
  fetched_files_hourly: ({ count, limit }) =>
    `${counted(count, 'file')} within an hour; one person alone may fetch up to ${limit}.`,
};
