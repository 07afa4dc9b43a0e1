import type { Client } from '#sdk/client.ts';

export type Role = Awaited<ReturnType<Client['listRoles']>>['items'][number];
export type Permission = Role['permissions'][number];

/** What each allows, in plain words. Total, and in the order in which people think of them. */
export const permissionWords: Readonly<Record<Permission, string>> = {
  'endpoints.read': 'See endpoints',
  'endpoints.enrol': 'Make enrolment tokens, and say which of several copies an endpoint is',
  'endpoints.manage': 'Rename, tag, archive and revoke endpoints, scan them, and fetch their agents’ logs',
  'files.read': 'See files, and what is in quarantine',
  'files.search': 'Search on endpoints for files that no inventory lists',
  'files.fetch': 'Fetch files',
  'files.quarantine': 'Quarantine files',
  'files.restore': 'Restore files, and undo quarantines',
  'files.purge': 'Delete files from quarantine for good',
  'files.override': 'Quarantine files that agents protect, such as those of the system',
  'evidence.download': 'Download and view fetched files',
  'evidence.delete': 'Delete fetched files for good, and release what is on hold',
  'actions.read': 'See actions and how they went',
  'actions.cancel': 'Cancel actions',
  'actions.approve': 'Approve or refuse what waits for a second person',
  'actions.bypass': 'Let it out alone, without a second person',
  'emergency.stop': 'Engage the emergency stop',
  'emergency.release': 'Release the emergency stop',
  'incidents.read': 'See incidents and alerts',
  'incidents.manage': 'Open, change and hold incidents',
  'lists.read': 'See the block and the allow list',
  'lists.manage': 'Block and allow hashes',
  'events.read': 'Read the record of who did what',
  'access.manage': 'Manage users, roles and API keys',
  'server.manage': 'Change settings, retention and webhooks, and accept the clock',
};

/** Permissions by what they are about. */
export const permissionGroups: readonly { readonly title: string; readonly begins: string }[] = [
  { title: 'Endpoints', begins: 'endpoints.' },
  { title: 'Files', begins: 'files.' },
  { title: 'Evidence', begins: 'evidence.' },
  { title: 'Actions', begins: 'actions.' },
  { title: 'Emergency stop', begins: 'emergency.' },
  { title: 'Incidents', begins: 'incidents.' },
  { title: 'Hash lists', begins: 'lists.' },
  { title: 'Record', begins: 'events.' },
  { title: 'Access', begins: 'access.' },
  { title: 'Server', begins: 'server.' },
];
