import { useQuery } from '@tanstack/react-query';
import { client } from '../../app/client.ts';
import { Select } from '../../kit/fields.tsx';

export const rolesQuery = { queryKey: ['access', 'roles'], queryFn: () => client.listRoles() } as const;

/** Built-in roles and those that administrators made. */
export function RoleSelect({ role, onChange }: { readonly role: string; onChange(role: string): void }) {
  const { data } = useQuery(rolesQuery);
  const names = data?.items.map(({ name }) => name) ?? [role];
  return (
    <Select
      choices={names.map((name) => ({ value: name, label: name }))}
      help="Nobody gives a role that may do more than their own."
      label="Role"
      onChange={onChange}
      value={role}
    />
  );
}
