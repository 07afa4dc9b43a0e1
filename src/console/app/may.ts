import { useQuery } from '@tanstack/react-query';
import { meQuery, type Permission } from './queries.ts';

/** Whether whoever is logged in may do this. The server decides again each time; this only spares people buttons that would be refused. */
export function useMay(permission: Permission): boolean {
  const { data } = useQuery(meQuery);
  return data?.permissions.includes(permission) ?? false;
}
