import type { Permission } from '../words/permissions.ts';

export interface NavPage {
  readonly path:
    | '/'
    | '/investigate'
    | '/actions'
    | '/quarantine'
    | '/incidents'
    | '/endpoints'
    | '/evidence'
    | '/approvals'
    | '/audit'
    | '/settings';
  readonly title: string;
  /** Reaches the page from anywhere: "g", and then this. */
  readonly key: string;
  /** Without it the page has nothing to show; null: everybody has something there. */
  readonly permission: Permission | null;
}

/** What the console has, in the order in which people need it. */
const navPages: readonly NavPage[] = [
  { path: '/', title: 'Overview', key: 'o', permission: 'actions.read' },
  { path: '/investigate', title: 'Investigate', key: 'i', permission: 'files.read' },
  { path: '/actions', title: 'Action Center', key: 'a', permission: 'actions.read' },
  { path: '/quarantine', title: 'Quarantine', key: 'q', permission: 'files.read' },
  { path: '/incidents', title: 'Incidents', key: 'n', permission: 'incidents.read' },
  { path: '/endpoints', title: 'Endpoints', key: 'e', permission: 'endpoints.read' },
  { path: '/evidence', title: 'Evidence', key: 'v', permission: 'evidence.download' },
  { path: '/approvals', title: 'Approvals', key: 'p', permission: 'actions.read' },
  { path: '/audit', title: 'Audit', key: 'u', permission: 'events.read' },
  { path: '/settings', title: 'Settings', key: 's', permission: null },
];

/** The pages that somebody with these permissions has. */
export function pagesFor(permissions: readonly Permission[]): readonly NavPage[] {
  return navPages.filter(({ permission }) => permission === null || permissions.includes(permission));
}
