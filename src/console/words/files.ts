import type { Client } from '#sdk/client.ts';
import type { Worded } from './statuses.ts';

export type File = Awaited<ReturnType<Client['readFile']>>;

export const fileStateWords: Readonly<Record<File['state'], Worded>> = {
  present: { label: 'On the disk', tone: 'wait' },
  quarantined: { label: 'Quarantined', tone: 'good' },
  gone: { label: 'Gone', tone: 'mute' },
};

const perMillisecond = 1_000_000n;

/** @param nanoseconds since 1970, decimal. @returns ISO 8601 */
export function instantOf(nanoseconds: string): string {
  return new Date(Number(BigInt(nanoseconds) / perMillisecond)).toISOString();
}

export const kindWords: Readonly<Record<File['kind'], string>> = {
  elf: 'Program (ELF)',
  pe: 'Program (Windows)',
  mach_o: 'Program (macOS)',
  script: 'Script',
  other: 'Other',
};
