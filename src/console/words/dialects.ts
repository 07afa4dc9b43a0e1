import type { Action } from './statuses.ts';

/** Through which of the server's interfaces something was asked. Total. */
export const dialectWords: Readonly<Record<Action['dialect'], string>> = {
  native: 'Custody',
  cortex: 'Cortex XDR API',
  cybereason: 'Cybereason API',
};

/** The same where the server names one that is newer than this page. */
export function dialectName(name: string): string {
  return new Map<string, string>(Object.entries(dialectWords)).get(name) ?? name;
}
