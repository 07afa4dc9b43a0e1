import { useQuery, useQueryClient } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { client } from '../../app/client.ts';
import { meQuery } from '../../app/queries.ts';
import { Button } from '../../kit/button.tsx';
import { TextField } from '../../kit/fields.tsx';
import { FormDialog } from '../../kit/form-dialog.tsx';
import { Moment } from '../../kit/moment.tsx';
import { tell } from '../../kit/notices.tsx';
import { Answered } from '../../kit/page-states.tsx';
import { ShownText } from '../../kit/shown-text.tsx';
import { counted } from '../../words/amounts.ts';
import { type Permission, permissionGroups, permissionWords, type Role } from '../../words/permissions.ts';
import { Card } from './card.tsx';
import { rolesQuery } from './role-select.tsx';

/** What somebody may do, by a name. */
export function RolesSection() {
  const query = useQuery(rolesQuery);
  const [edited, setEdited] = useState<Role | 'new'>();
  const [deleted, setDeleted] = useState<Role>();
  const ofKind = (items: readonly Role[], builtIn: boolean) => items.filter((role) => role.builtIn === builtIn);
  return (
    <Answered query={query} what="the roles">
      {({ items }) => (
        <>
          <Card
            buttons={
              <Button look="main" onPress={() => setEdited('new')}>
                Make a role …
              </Button>
            }
            title="Roles of your own"
          >
            {ofKind(items, false).length === 0 ? (
              <p className="mute">There is none: people and keys have built-in roles.</p>
            ) : (
              ofKind(items, false).map((role) => (
                <RoleDetails key={role.name} role={role}>
                  <Button onPress={() => setEdited(role)}>Change …</Button>
                  <Button onPress={() => setDeleted(role)}>Delete …</Button>
                </RoleDetails>
              ))
            )}
          </Card>
          <Card title="Built-in roles">
            <p className="mute">They never change.</p>
            {ofKind(items, true).map((role) => (
              <RoleDetails key={role.name} role={role} />
            ))}
          </Card>
          {edited !== undefined && <RoleDialog close={() => setEdited(undefined)} role={edited} />}
          <DeleteRoleDialog close={() => setDeleted(undefined)} role={deleted} />
        </>
      )}
    </Answered>
  );
}

function RoleDetails({ role, children }: { readonly role: Role; readonly children?: ReactNode }) {
  return (
    <details className="role">
      <summary>
        <ShownText text={role.name} /> <span className="mute">{counted(role.permissions.length, 'permission')}</span>
      </summary>
      <ul className="meaning">
        {role.permissions.map((permission) => (
          <li key={permission}>{permissionWords[permission]}</li>
        ))}
      </ul>
      {role.createdAt !== null && (
        <p className="mute">
          Made <Moment at={role.createdAt} /> by <ShownText text={role.createdBy ?? 'somebody'} />
        </p>
      )}
      {children !== undefined && <div className="buttons">{children}</div>}
    </details>
  );
}

function RoleDialog({ role, close }: { readonly role: Role | 'new'; close(): void }) {
  const queries = useQueryClient();
  const [name, setName] = useState(role === 'new' ? '' : role.name);
  const [permissions, setPermissions] = useState<readonly Permission[]>(role === 'new' ? [] : role.permissions);
  return (
    <FormDialog
      act={async () => {
        const wanted = { name: name.trim(), permissions: [...permissions] };
        await (role === 'new' ? client.createRole(wanted) : client.changeRole(role.name, wanted));
        await queries.invalidateQueries({ queryKey: ['access'] });
        tell(role === 'new' ? `The role ${wanted.name} is made.` : `The role ${wanted.name} is changed.`);
      }}
      isOpen
      onClose={close}
      title={role === 'new' ? 'Make a role' : `Change the role ${role.name}`}
      width="wide"
      word={role === 'new' ? 'Make the role' : 'Change the role'}
    >
      {role !== 'new' && <p>It holds from the next request on of everybody, and every key, that has the role.</p>}
      <TextField autoFocus isRequired label="Name of the role" onChange={setName} value={name} />
      <PermissionChoice onChange={setPermissions} permissions={permissions} />
    </FormDialog>
  );
}

interface PermissionChoiceProps {
  readonly permissions: readonly Permission[];
  onChange(permissions: readonly Permission[]): void;
}

/** Nobody gives what they have not: that is not offered. */
function PermissionChoice({ permissions, onChange }: PermissionChoiceProps) {
  const { data: me } = useQuery(meQuery);
  const own = me?.permissions ?? [];
  return (
    <div className="permission-groups">
      {permissionGroups.map(({ title, begins }) => (
        <fieldset className="choices" key={title}>
          <legend>{title}</legend>
          {own
            .filter((permission) => permission.startsWith(begins))
            .map((permission) => (
              <label key={permission}>
                <input
                  checked={permissions.includes(permission)}
                  onChange={({ target }) =>
                    onChange(
                      target.checked ? [...permissions, permission] : permissions.filter((each) => each !== permission),
                    )
                  }
                  type="checkbox"
                />{' '}
                {permissionWords[permission]}
              </label>
            ))}
        </fieldset>
      ))}
    </div>
  );
}

function DeleteRoleDialog({ role, close }: { readonly role: Role | undefined; close(): void }) {
  const queries = useQueryClient();
  return (
    <FormDialog
      act={async () => {
        if (role !== undefined) {
          await client.deleteRole(role.name);
          await queries.invalidateQueries({ queryKey: ['access'] });
          tell(`The role ${role.name} is deleted.`);
        }
      }}
      isDanger
      isOpen={role !== undefined}
      onClose={close}
      title={`Delete the role ${role?.name ?? ''} for good?`}
      word="Delete for good"
    >
      <p>A role that somebody has, or a key, is not deleted: the server says who that is.</p>
    </FormDialog>
  );
}
