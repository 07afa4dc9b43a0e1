import type { Endpoint } from './presences.ts';

export const platformWords: Readonly<Record<Endpoint['platform'], string>> = {
  linux: 'Linux',
  macos: 'macOS',
  windows: 'Windows',
};

export const scanWords: Readonly<Record<Endpoint['lastScan'], string>> = {
  none: 'There was none',
  pending: 'Waits for the endpoint',
  in_progress: 'Under way',
  pending_cancellation: 'Is being stopped',
  canceled: 'Was cancelled',
  aborted: 'Was aborted',
  success: 'Went through',
  error: 'Did not go through',
};

type CopySign = NonNullable<Endpoint['clone']>['hosts'][number]['sign'];

export const copySignWords: Readonly<Record<CopySign, string>> = {
  other_machine: 'Another machine came with this endpoint’s key',
  older_data: 'It came with older data than the endpoint has: a snapshot or a copy that was brought back',
  both_at_once: 'Two machines were connected with one key at once',
};
