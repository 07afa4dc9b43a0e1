import type { Permission } from './queries.ts';

export interface NavPage {
  readonly path: '/' | '/investigate' | '/actions' | '/endpoints';
  readonly title: string;
  /** Reaches the page from anywhere: "g", and then this. */
  readonly key: string;
  /** Without it the page has nothing to show. */
  readonly permission: Permission;
}

/** What the console has, in the order in which people need it. */
export const navPages: readonly NavPage[] = [
  { path: '/', title: 'Overview', key: 'o', permission: 'actions.read' },
  { path: '/investigate', title: 'Investigate', key: 'i', permission: 'files.read' },
  { path: '/actions', title: 'Action Center', key: 'a', permission: 'actions.read' },
  { path: '/endpoints', title: 'Endpoints', key: 'e', permission: 'endpoints.read' },
];
