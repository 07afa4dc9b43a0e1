import type { Client } from '#sdk/client.ts';

export type Key = Awaited<ReturnType<Client['listKeys']>>['items'][number];
export type KeyLevel = Key['level'];

/** How a key proves itself. Total. */
export const keyLevelWords: Readonly<Record<KeyLevel, string>> = { standard: 'Standard', advanced: 'Advanced (signs)' };
