import type { Json } from '../../custody/event.ts';

/** What an administrator sets while the server runs; what is fixed at the start is in the policy. */
export const storedSettings = ['action_lifetimes', 'evidence_retention', 'emergency_stop'] as const;

export type StoredSetting = (typeof storedSettings)[number];

export interface SettingReader {
  /** As it was put; undefined where nobody ever set it. */
  byName(name: StoredSetting): Promise<Json | undefined>;
}

export interface SettingWriter extends SettingReader {
  put(name: StoredSetting, value: Json): Promise<void>;
}
