import { useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { client } from '../../app/client.ts';
import { meQuery } from '../../app/queries.ts';
import { Button } from '../../kit/button.tsx';
import { useDoing } from '../../kit/doing.ts';
import { Facts } from '../../kit/facts.tsx';
import { TextField } from '../../kit/fields.tsx';
import { NewPasswordField } from '../../kit/new-password-field.tsx';
import { tell } from '../../kit/notices.tsx';
import { Answered } from '../../kit/page-states.tsx';
import type { Me } from '../../words/people.ts';
import { permissionWords } from '../../words/permissions.ts';
import { Card } from './card.tsx';
import { scopeWords } from './scope-field.tsx';
import { SecondFactor } from './second-factor.tsx';
import { Sessions } from './sessions.tsx';

/** What whoever is logged in decides about their own log-in. */
export function AccountSection() {
  const { data: me } = useQuery(meQuery);
  if (me === undefined || me === null) {
    return null;
  }
  const { account } = me;
  return (
    <>
      <You me={me} />
      {account !== null && (
        <>
          <Card title="Password">
            {account.hasPassword ? (
              <OwnPassword name={me.name} />
            ) : (
              <p className="mute">You log in through your organisation’s provider: change your password there.</p>
            )}
          </Card>
          <Card title="Second factor">
            {account.hasPassword ? (
              <SecondFactor account={account} />
            ) : (
              <p className="mute">Your organisation’s provider asks for it.</p>
            )}
          </Card>
        </>
      )}
      <OwnSessions />
    </>
  );
}

function You({ me }: { readonly me: Me }) {
  return (
    <Card title="You">
      <Facts
        facts={[
          ['Name', me.name],
          ['Role', me.role],
          ['Scope', scopeWords(me.tags)],
        ]}
      />
      <details>
        <summary>What you may do</summary>
        <ul className="meaning">
          {me.permissions.map((permission) => (
            <li key={permission}>{permissionWords[permission]}</li>
          ))}
        </ul>
      </details>
    </Card>
  );
}

const nothingTyped = { oldPassword: '', newPassword: '', again: '' };

function OwnPassword({ name }: { readonly name: string }) {
  const queries = useQueryClient();
  const [isBusy, begin] = useDoing();
  const [given, setGiven] = useState(nothingTyped);
  const [isOther, setOther] = useState(false);
  const set = (field: keyof typeof given) => (value: string) => setGiven({ ...given, [field]: value });
  const change = (event: FormEvent) => {
    event.preventDefault();
    const { oldPassword, newPassword, again } = given;
    setOther(newPassword !== again);
    if (newPassword !== again) {
      return;
    }
    begin(async () => {
      await client.changePassword({ oldPassword, newPassword });
      setGiven(nothingTyped);
      await queries.invalidateQueries({ queryKey: ['access', 'own-sessions'] });
      tell('Your password is changed. Everywhere else you are logged out.');
    });
  };
  return (
    <form className="form-narrow" onSubmit={change}>
      <input autoComplete="username" hidden readOnly type="text" value={name} />
      <TextField
        autoComplete="current-password"
        isRequired
        label="Password until now"
        onChange={set('oldPassword')}
        type="password"
        value={given.oldPassword}
      />
      <NewPasswordField label="New password" onChange={set('newPassword')} value={given.newPassword} />
      <TextField
        autoComplete="new-password"
        isRequired
        label="New password again"
        onChange={set('again')}
        type="password"
        value={given.again}
      />
      {isOther && (
        <p className="field-error" role="alert">
          The two new passwords are not the same.
        </p>
      )}
      <div className="buttons">
        <Button isPending={isBusy} look="main" type="submit">
          Change the password
        </Button>
      </div>
    </form>
  );
}

function OwnSessions() {
  const queries = useQueryClient();
  const [isBusy, begin] = useDoing();
  const query = useQuery({ queryKey: ['access', 'own-sessions'], queryFn: () => client.listOwnSessions() });
  const end = (session: string | undefined) =>
    begin(async () => {
      const { ended } = await client.endOwnSessions(session === undefined ? {} : { session });
      await queries.invalidateQueries({ queryKey: ['access', 'own-sessions'] });
      tell(ended.length === 1 ? '1 session is ended.' : `${ended.length} sessions are ended.`);
    });
  const others = query.data?.items.filter(({ current }) => !current).length ?? 0;
  return (
    <Card
      buttons={
        <Button
          isPending={isBusy}
          onPress={() => end(undefined)}
          refusal={others === 0 ? 'You are logged in nowhere else.' : undefined}
        >
          End all others
        </Button>
      }
      title="Where you are logged in"
    >
      <Answered query={query} what="your sessions">
        {({ items }) => <Sessions end={({ id }) => end(id)} sessions={items} />}
      </Answered>
    </Card>
  );
}
