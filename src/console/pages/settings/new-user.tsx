import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { client } from '../../app/client.ts';
import { Checkbox, TextField } from '../../kit/fields.tsx';
import { FormDialog } from '../../kit/form-dialog.tsx';
import { NewPasswordField } from '../../kit/new-password-field.tsx';
import { tell } from '../../kit/notices.tsx';
import { RoleSelect } from './role-select.tsx';
import { ScopeField, scopeOf, wholeFleet } from './scope-field.tsx';

export function NewUserDialog({ close }: { close(): void }) {
  const queries = useQueryClient();
  const [given, setGiven] = useState({
    ...{ email: '', password: '', role: 'Responder' },
    ...{ scope: wholeFleet, mustChangePassword: true },
  });
  const set = (more: Partial<typeof given>) => setGiven({ ...given, ...more });
  return (
    <FormDialog
      act={async () => {
        const { email, password, role, scope, mustChangePassword } = given;
        const user = await client.createUser({ email, password, role, tags: scopeOf(scope), mustChangePassword });
        await queries.invalidateQueries({ queryKey: ['access', 'users'] });
        tell(`${user.email} can log in, as ${user.role}.`);
      }}
      isOpen
      onClose={close}
      title="Add a user"
      word="Add the user"
    >
      <TextField
        autoComplete="off"
        autoFocus
        isRequired
        label="E-mail address"
        onChange={(email) => set({ email })}
        type="email"
        value={given.email}
      />
      <NewPasswordField
        help="Tell them another way than by e-mail."
        label="First password"
        onChange={(password) => set({ password })}
        value={given.password}
      />
      <Checkbox isSelected={given.mustChangePassword} onChange={(is) => set({ mustChangePassword: is })}>
        They must choose another one at the first log-in
      </Checkbox>
      <RoleSelect onChange={(role) => set({ role })} role={given.role} />
      <ScopeField onChange={(scope) => set({ scope })} scope={given.scope} />
    </FormDialog>
  );
}
