import { useQuery, useQueryClient } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { client } from '../../app/client.ts';
import { Button } from '../../kit/button.tsx';
import { Dialog } from '../../kit/dialog.tsx';
import { useDoing } from '../../kit/doing.ts';
import { TextField } from '../../kit/fields.tsx';
import { FormDialog } from '../../kit/form-dialog.tsx';
import { NewPasswordField } from '../../kit/new-password-field.tsx';
import { tell } from '../../kit/notices.tsx';
import { Answered } from '../../kit/page-states.tsx';
import { ShownText } from '../../kit/shown-text.tsx';
import { counted } from '../../words/amounts.ts';
import type { User } from '../../words/people.ts';
import { RoleSelect } from './role-select.tsx';
import { ScopeField, scopeOf, typedScope } from './scope-field.tsx';
import { Sessions } from './sessions.tsx';

export type UserQuestion = 'change' | 'sessions' | 'expire' | 'reset' | 'factor' | 'link' | 'disable' | 'delete';

interface AskedOfUser {
  readonly user: User;
  close(): void;
}

/** What is done about somebody else's log-in. */
export function UserDialogs({ question, ...asked }: AskedOfUser & { readonly question: UserQuestion }) {
  const dialogs: Readonly<Record<UserQuestion, () => ReactNode>> = {
    change: () => <ChangeDialog {...asked} />,
    sessions: () => <SessionsDialog {...asked} />,
    expire: () => <ExpireDialog {...asked} />,
    reset: () => <ResetDialog {...asked} />,
    factor: () => <FactorDialog {...asked} />,
    link: () => <LinkDialog {...asked} />,
    disable: () => <DisableDialog {...asked} />,
    delete: () => <DeleteDialog {...asked} />,
  };
  return dialogs[question]();
}

function useToldUsers(): (words: string) => Promise<void> {
  const queries = useQueryClient();
  return async (words) => {
    await queries.invalidateQueries({ queryKey: ['access'] });
    tell(words);
  };
}

function ChangeDialog({ user, close }: AskedOfUser) {
  const told = useToldUsers();
  const [role, setRole] = useState(user.role);
  const [scope, setScope] = useState(typedScope(user.tags));
  return (
    <FormDialog
      act={async () => {
        await client.changeUser(user.id, { role, tags: scopeOf(scope) });
        await told(`${user.email} is ${role} now, from their next log-in on.`);
      }}
      isOpen
      onClose={close}
      title={`Role and scope of ${user.email}`}
      word="Change it"
    >
      <p>Their sessions end: they log in again with what they may do then.</p>
      <RoleSelect onChange={setRole} role={role} />
      <ScopeField onChange={setScope} scope={scope} />
    </FormDialog>
  );
}

function SessionsDialog({ user, close }: AskedOfUser) {
  const queries = useQueryClient();
  const [isBusy, begin] = useDoing();
  const queryKey = ['access', 'sessions', user.id];
  const query = useQuery({ queryKey, queryFn: () => client.listUserSessions(user.id) });
  const end = (session: string | undefined) =>
    begin(async () => {
      const { ended } = await client.endUserSessions(user.id, session === undefined ? {} : { session });
      await queries.invalidateQueries({ queryKey });
      tell(`${counted(ended.length, 'session')} of ${user.email} ended.`);
    });
  return (
    <Dialog isOpen onClose={close} title={`Where ${user.email} is logged in`} width="wide">
      <Answered query={query} what="the sessions">
        {({ items }) => (
          <div className="stack">
            <Sessions end={({ id }) => end(id)} sessions={items} />
            <div className="buttons">
              <Button onPress={close}>Close</Button>
              <Button
                isPending={isBusy}
                look="danger"
                onPress={() => end(undefined)}
                refusal={items.length === 0 ? 'They are logged in nowhere.' : undefined}
              >
                End all of them
              </Button>
            </div>
          </div>
        )}
      </Answered>
    </Dialog>
  );
}

function ExpireDialog({ user, close }: AskedOfUser) {
  const told = useToldUsers();
  return (
    <FormDialog
      act={async () => {
        await client.expirePassword({ email: user.email });
        await told(`${user.email} has to choose another password at the next log-in.`);
      }}
      isOpen
      onClose={close}
      title={`Have ${user.email} choose another password?`}
      word="Have them choose"
    >
      <p>At their next log-in. Sessions that are open stay: end them where the password may have been stolen.</p>
    </FormDialog>
  );
}

function ResetDialog({ user, close }: AskedOfUser) {
  const told = useToldUsers();
  const [password, setPassword] = useState('');
  return (
    <FormDialog
      act={async () => {
        await client.resetPassword(user.id, { password });
        await told(`${user.email} has another password, and must change it at the next log-in.`);
      }}
      isDanger
      isOpen
      onClose={close}
      title={`Give ${user.email} another password?`}
      word="Give it"
    >
      <p>The one that they have counts no more, and their sessions end. They change it at the next log-in.</p>
      <NewPasswordField label="New password" onChange={setPassword} value={password} />
    </FormDialog>
  );
}

function FactorDialog({ user, close }: AskedOfUser) {
  const told = useToldUsers();
  return (
    <FormDialog
      act={async () => {
        await client.resetSecondFactor({ email: user.email });
        await told(`${user.email} logs in with the password alone, until they set up a second factor again.`);
      }}
      isDanger
      isOpen
      onClose={close}
      title={`Take the second factor of ${user.email} away?`}
      word="Take it away"
    >
      <p>
        Their password alone lets them in from then on, their recovery codes count no more, and their sessions end. Be
        sure that it is they who ask.
      </p>
    </FormDialog>
  );
}

function LinkDialog({ user, close }: AskedOfUser) {
  const told = useToldUsers();
  const { data: ways } = useQuery({ queryKey: ['log-in-ways'], queryFn: () => client.readLogInWays() });
  const [subject, setSubject] = useState('');
  return (
    <FormDialog
      act={async () => {
        await client.linkUser({ email: user.email, subject: subject.trim() });
        await told(`${user.email} logs in through the provider from now on.`);
      }}
      isDanger
      isOpen
      onClose={close}
      title={`Who is ${user.email} at ${ways?.provider?.name ?? 'the provider'}?`}
      word="Link them"
    >
      <p>They log in there from then on, and nowhere else: password and second factor count no more.</p>
      <TextField
        autoFocus
        help="What the provider calls them in its tokens: the claim “sub”."
        isRequired
        label="Subject"
        onChange={setSubject}
        value={subject}
      />
    </FormDialog>
  );
}

function DisableDialog({ user, close }: AskedOfUser) {
  const told = useToldUsers();
  const { disabled, email } = user;
  return (
    <FormDialog
      act={async () => {
        await client.changeUser(user.id, { disabled: !disabled });
        await told(disabled ? `${email} can log in again.` : `${email} cannot log in any more.`);
      }}
      isDanger={!disabled}
      isOpen
      onClose={close}
      title={disabled ? `Let ${email} log in again?` : `Disable ${email}?`}
      word={disabled ? 'Enable' : 'Disable'}
    >
      <p>
        {disabled
          ? 'With the role, the scope and the password that they had.'
          : 'Their sessions end at once, and nobody logs in as them until they are enabled. API keys that they made go on.'}
      </p>
    </FormDialog>
  );
}

function DeleteDialog({ user, close }: AskedOfUser) {
  const told = useToldUsers();
  return (
    <FormDialog
      act={async () => {
        await client.deleteUser(user.id);
        await told(`${user.email} is deleted.`);
      }}
      isDanger
      isOpen
      onClose={close}
      title={`Delete ${user.email} for good?`}
      word="Delete for good"
    >
      <p>
        <ShownText text={user.email} /> cannot log in any more, and their sessions end. What they did stays on the
        record under their name. API keys that they made go on: see API keys for who made which.
      </p>
    </FormDialog>
  );
}
