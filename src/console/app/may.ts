import { useQuery } from '@tanstack/react-query';
import type { Permission } from '../words/permissions.ts';
import { meQuery } from './queries.ts';

/** Whether whoever is logged in may do this. The server decides again each time; this only spares people buttons that would be refused. */
export function useMay(permission: Permission): boolean {
  const { data } = useQuery(meQuery);
  return data?.permissions.includes(permission) ?? false;
}
