import type { Client } from '#sdk/client.ts';
import type { Worded } from './statuses.ts';

export type Server = Awaited<ReturnType<Client['readServer']>>;
export type ClockDoubt = NonNullable<Server['clockDoubt']>;
export type Setting = Awaited<ReturnType<Client['readInstallation']>>['settings'][number];
export type ServerAlert = Server['alerts'][number];

/** Whether the server takes fetched files. Total. */
export const storageWords: Readonly<Record<Server['evidence']['state'], Worded>> = {
  ready: { label: 'Takes fetched files', tone: 'good' },
  off: { label: 'Keeps no fetched files', tone: 'mute' },
  full: { label: 'Full: no file can be fetched', tone: 'bad' },
  unavailable: { label: 'Not available', tone: 'bad' },
};

/** Why the server does not go by its clock. Total. */
export const clockDoubtWords: Readonly<Record<ClockDoubt['kind'], string>> = {
  jumped: 'It was set while the machine ran: the server goes on with the time that it knew.',
  absent: 'The server was away for long, or the clock is wrong: nothing expires by it yet.',
};

/** Where a setting was set. Total. */
export const settingSourceWords: Readonly<Record<NonNullable<Setting['source']>, string>> = {
  flag: 'a flag of the command',
  environment: 'the environment',
  file: 'custody.toml',
};

/** What everybody is told of for a while. Total. */
export const alertWords: Readonly<Record<ServerAlert['kind'], { readonly label: string; readonly what: string }>> = {
  glass_broken: { label: 'One person alone', what: 'An order went out without a second person' },
  rings_halted: { label: 'Halted', what: 'An order waits between two rings' },
};
