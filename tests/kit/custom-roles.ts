import type { Permission } from '#core/access/permission.ts';
import type { Ports } from '#core/ports/ports.ts';
import { createRole } from '#core/verbs/create-role.ts';
import { administrator } from './fleet.ts';

/** A custom role that allows these and nothing else. @returns its name */
export async function customRole(
  ports: Pick<Ports, 'store' | 'clock'>,
  permissions: readonly Permission[],
): Promise<string> {
  const name = `Only ${permissions.join(' ')}`.slice(0, 64).trim();
  await createRole(ports, administrator, { name, permissions });
  return name;
}
