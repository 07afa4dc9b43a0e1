/** What a role may allow. Every operation of every dialect names one, or it does not register. */
export const permissions = [
  'endpoints.read',
  'endpoints.enrol',
  /** Archives, brings back, removes, renames and tags endpoints, and asks agents for their own logs. */
  'endpoints.manage',
  'files.read',
  'files.search',
  'files.fetch',
  'files.quarantine',
  'files.restore',
  /** Deletes from vaults, for good. */
  'files.purge',
  /** Takes files that agents protect. */
  'files.override',
  'evidence.download',
  'actions.read',
  'actions.cancel',
  'incidents.read',
  'incidents.manage',
  'lists.read',
  /** Blocks and allows hashes. */
  'lists.manage',
  'events.read',
  'access.manage',
  'server.manage',
] as const;

export type Permission = (typeof permissions)[number];
