import type { Action } from './statuses.ts';

/** Through which of the server's interfaces something was asked. Total. */
export const dialectWords: Readonly<Record<Action['dialect'], string>> = {
  native: 'Custody',
  cortex: 'Cortex XDR API',
  cybereason: 'Cybereason API',
};
