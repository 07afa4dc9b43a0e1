import type { Permission } from '../access/permission.ts';
import type { TaskParameters, Verb } from './verb.ts';

const byVerb: Readonly<Record<Verb, Permission>> = {
  fetch: 'files.fetch',
  quarantine: 'files.quarantine',
  restore: 'files.restore',
  restore_objects: 'files.restore',
  undo: 'files.restore',
  plan: 'files.restore',
  purge: 'files.purge',
  search: 'files.search',
  logs: 'endpoints.manage',
  scan: 'endpoints.manage',
};

/** What whoever has this done, or lets it go on, must be allowed: the same as whoever orders it first. */
export function permissionsFor(parameters: TaskParameters): readonly Permission[] {
  const overrides = parameters.verb === 'quarantine' && parameters.overrideProtection;
  return [byVerb[parameters.verb], ...(overrides ? (['files.override'] as const) : [])];
}
