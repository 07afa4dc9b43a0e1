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
  /** Deletes fetched bytes for good, and releases what is on hold. */
  'evidence.delete',
  'actions.read',
  'actions.cancel',
  /** Lets out, or refuses, what waits for a second person. */
  'actions.approve',
  /** Lets it out without one. */
  'actions.bypass',
  /** Halts, in the whole fleet, what takes files and what deletes them. */
  'emergency.stop',
  /** Lets it go on. */
  'emergency.release',
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

/** Whether a permission is about endpoints, and so good for some of them alone, or about what concerns all of them. */
export const permissionReach: Readonly<Record<Permission, 'endpoints' | 'fleet'>> = {
  'endpoints.read': 'endpoints',
  /** A token says which tags a machine comes with. */
  'endpoints.enrol': 'fleet',
  'endpoints.manage': 'endpoints',
  'files.read': 'endpoints',
  'files.search': 'endpoints',
  'files.fetch': 'endpoints',
  'files.quarantine': 'endpoints',
  'files.restore': 'endpoints',
  'files.purge': 'endpoints',
  'files.override': 'endpoints',
  'evidence.download': 'endpoints',
  /** Bytes are stored once, whichever endpoints they came from. */
  'evidence.delete': 'fleet',
  'actions.read': 'endpoints',
  'actions.cancel': 'endpoints',
  'actions.approve': 'endpoints',
  'actions.bypass': 'endpoints',
  /** One switch for all. */
  'emergency.stop': 'fleet',
  'emergency.release': 'fleet',
  'incidents.read': 'endpoints',
  'incidents.manage': 'endpoints',
  'lists.read': 'fleet',
  'lists.manage': 'fleet',
  'events.read': 'endpoints',
  'access.manage': 'fleet',
  'server.manage': 'fleet',
};
