import type { Permission } from '../../words/permissions.ts';

export const sectionNames = [
  'account',
  'users',
  'roles',
  'keys',
  'licence',
  'lists',
  'retention',
  'webhooks',
  'policy',
  'emergency-stop',
  'server',
] as const;

export type SectionName = (typeof sectionNames)[number];

interface Section {
  readonly title: string;
  /** Without it the section has nothing to show; null: everybody has it. */
  readonly permission: Permission | null;
}

export const sections: Readonly<Record<SectionName, Section>> = {
  account: { title: 'Your account', permission: null },
  users: { title: 'Users', permission: 'access.manage' },
  roles: { title: 'Roles', permission: 'access.manage' },
  keys: { title: 'API keys', permission: 'access.manage' },
  licence: { title: 'Licence', permission: 'actions.read' },
  lists: { title: 'Hash lists', permission: 'lists.read' },
  retention: { title: 'Retention', permission: 'actions.read' },
  webhooks: { title: 'Webhooks', permission: 'server.manage' },
  policy: { title: 'Policy', permission: 'server.manage' },
  'emergency-stop': { title: 'Emergency stop', permission: 'actions.read' },
  server: { title: 'Server', permission: 'actions.read' },
};
