/** What an agent finds where a restore would put a file, see `plan` in verb.ts. */
export const restoreFindings = [
  /** It would be back. */
  'free',
  /** The very bytes are there already: the vault would give its copy up. */
  'occupied_same',
  'occupied_other',
  'parent_missing',
  /** The directory is not the one that the file was taken from, and others than root and the file's owner could have made it. */
  'parent_changed',
  /** The file system is not mounted any more, or does not answer. */
  'volume_gone',
  'denied_by_policy',
  /** The vault's object no longer holds the file. */
  'damaged',
  /** Something else is in the way; the reason and the message say what. */
  'not_possible',
  /** The vault holds no such file. */
  'not_held',
] as const;

export type RestoreFinding = (typeof restoreFindings)[number];
