import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Menu, MenuItem, MenuTrigger, Popover } from 'react-aria-components';
import { client } from '../../app/client.ts';
import { meQuery } from '../../app/queries.ts';
import { Badge } from '../../kit/badge.tsx';
import { Button } from '../../kit/button.tsx';
import { Moment } from '../../kit/moment.tsx';
import { Answered } from '../../kit/page-states.tsx';
import { ShownText } from '../../kit/shown-text.tsx';
import { SimpleTable } from '../../kit/simple-table.tsx';
import type { User } from '../../words/people.ts';
import { Card } from './card.tsx';
import { NewUserDialog } from './new-user.tsx';
import { scopeWords } from './scope-field.tsx';
import { UserDialogs, type UserQuestion } from './user-dialogs.tsx';

/** Everyone who can log in. */
export function UsersSection() {
  const [isAdding, setAdding] = useState(false);
  const [asked, setAsked] = useState<{ readonly user: User; readonly question: UserQuestion }>();
  const query = useQuery({ queryKey: ['access', 'users'], queryFn: () => client.listUsers() });
  return (
    <Card
      buttons={
        <Button look="main" onPress={() => setAdding(true)}>
          Add a user …
        </Button>
      }
      title="Users"
    >
      <Answered query={query} what="the users">
        {({ items }) => (
          <SimpleTable
            columns={[
              { title: 'E-mail address', show: ({ email }) => <ShownText text={email} /> },
              { title: 'Role', show: ({ role }) => <ShownText text={role} /> },
              { title: 'Scope', show: ({ tags }) => <ShownText text={scopeWords(tags)} /> },
              { title: 'State', show: (user) => <UserState user={user} /> },
              { title: 'Logs in with', show: (user) => <LogInWay user={user} /> },
              { title: 'Since', show: ({ createdAt }) => <Moment at={createdAt} /> },
              {
                title: 'Act',
                show: (user) => <UserMenu ask={(question) => setAsked({ user, question })} user={user} />,
              },
            ]}
            label="Users"
            rowId={({ id }) => id}
            rows={items}
          />
        )}
      </Answered>
      {isAdding && <NewUserDialog close={() => setAdding(false)} />}
      {asked !== undefined && <UserDialogs {...asked} close={() => setAsked(undefined)} key={asked.user.id} />}
    </Card>
  );
}

function UserState({ user: { disabled, mustChangePassword } }: { readonly user: User }) {
  if (disabled) {
    return <Badge tone="bad">Disabled</Badge>;
  }
  return mustChangePassword ? <Badge tone="wait">New password due</Badge> : <Badge tone="good">Active</Badge>;
}

function LogInWay({ user: { identity, hasSecondFactor, recoveryCodesLeft } }: { readonly user: User }) {
  if (identity !== null) {
    return <ShownText text={`Provider, as ${identity.subject}`} />;
  }
  return hasSecondFactor ? `Password and code; ${recoveryCodesLeft} recovery codes` : 'Password alone';
}

interface UserMenuProps {
  readonly user: User;
  ask(question: UserQuestion): void;
}

function UserMenu({ user, ask }: UserMenuProps) {
  const { data: me } = useQuery(meQuery);
  const { data: ways } = useQuery({ queryKey: ['log-in-ways'], queryFn: () => client.readLogInWays() });
  if (me?.id === user.id) {
    return <span className="mute">You</span>;
  }
  const hasPassword = user.identity === null;
  const items: readonly (readonly [UserQuestion, string, boolean])[] = [
    ['change', 'Role and scope …', true],
    ['sessions', 'Where they are logged in …', true],
    ['expire', 'Have them choose another password …', hasPassword],
    ['reset', 'Give them another password …', hasPassword],
    ['factor', 'Take their second factor away …', user.hasSecondFactor],
    ['link', 'Link to the provider …', hasPassword && ways?.provider !== null && ways !== undefined],
    ['disable', user.disabled ? 'Enable …' : 'Disable …', true],
    ['delete', 'Delete …', true],
  ];
  return (
    <MenuTrigger>
      <Button aria-label={`Manage ${user.email}`}>Manage ▾</Button>
      <Popover className="popover" placement="bottom end">
        <Menu aria-label={`Manage ${user.email}`} className="menu">
          {items
            .filter(([, , isOffered]) => isOffered)
            .map(([question, title]) => (
              <MenuItem className="menu-item" key={question} onAction={() => ask(question)}>
                {title}
              </MenuItem>
            ))}
        </Menu>
      </Popover>
    </MenuTrigger>
  );
}
