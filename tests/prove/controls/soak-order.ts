import type { VaultKeys } from '#agent/operations/room.ts';

/** What a soak's victim is told, as JSON in its only argument. */
export interface SoakOrder {
  readonly kind: 'fetch' | 'quarantine' | 'restore';
  /** Check and use paths, instead of what the product does. */
  readonly naive: boolean;
  readonly seconds: number;
  readonly world: Readonly<Record<'base' | 'directory' | 'file' | 'secret' | 'vault' | 'spool' | 'sha256', string>> & {
    readonly keys: VaultKeys;
  };
  /** Base64: the user's file, and root's. */
  readonly content: string;
  readonly secret: string;
  /** A directory with what the vault holds before each restore. */
  readonly template: string;
}

export interface SoakResult {
  readonly tries: number;
  readonly completed: number;
  /** How often something of root's was moved, made or read. */
  readonly wins: number;
  /** How often the user's file was nowhere. */
  readonly lost: number;
}
