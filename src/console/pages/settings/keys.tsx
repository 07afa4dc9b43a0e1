import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { Client } from '#sdk/client.ts';
import { client } from '../../app/client.ts';
import { serverQuery } from '../../app/queries.ts';
import { Button } from '../../kit/button.tsx';
import { now } from '../../kit/clock.ts';
import { Copied } from '../../kit/copied.tsx';
import { Facts } from '../../kit/facts.tsx';
import { Select, TextField } from '../../kit/fields.tsx';
import { FormDialog } from '../../kit/form-dialog.tsx';
import { Ago, Moment } from '../../kit/moment.tsx';
import { tell } from '../../kit/notices.tsx';
import { Answered } from '../../kit/page-states.tsx';
import { ShownOnceDialog } from '../../kit/shown-once.tsx';
import { ShownText } from '../../kit/shown-text.tsx';
import { SimpleTable } from '../../kit/simple-table.tsx';
import { splitList } from '../../kit/split-list.ts';
import { type Key, type KeyLevel, keyLevelWords } from '../../words/keys.ts';
import { Card } from './card.tsx';
import { examplesOf } from './key-examples.ts';
import { RoleSelect } from './role-select.tsx';
import { ScopeField, scopeOf, scopeWords, wholeFleet } from './scope-field.tsx';

type CreatedKey = Awaited<ReturnType<Client['createKey']>>;

const lifetimes = [
  { value: '', label: 'For ever' },
  { value: '30', label: '30 days' },
  { value: '90', label: '90 days' },
  { value: '365', label: '1 year' },
] as const;
const day = 86_400_000;

/** What programs let themselves in with: Custody's own API and the Cortex XDR API take the same keys. */
export function KeysSection() {
  const [isAdding, setAdding] = useState(false);
  const [created, setCreated] = useState<CreatedKey>();
  const [deleted, setDeleted] = useState<Key>();
  const query = useQuery({ queryKey: ['access', 'keys'], queryFn: () => client.listKeys() });
  return (
    <Card
      buttons={
        <Button look="main" onPress={() => setAdding(true)}>
          Make a key …
        </Button>
      }
      title="API keys"
    >
      <Answered query={query} what="the keys">
        {({ items }) =>
          items.length === 0 ? (
            <p className="mute">There is none: no program lets itself in.</p>
          ) : (
            <SimpleTable
              columns={[
                { title: 'Id', show: ({ id }) => id },
                { title: 'Name', show: (key) => <KeyName keyShown={key} /> },
                { title: 'Level', show: ({ level }) => keyLevelWords[level] },
                { title: 'Role', show: ({ role }) => <ShownText text={role} /> },
                { title: 'Scope', show: ({ tags }) => <ShownText text={scopeWords(tags)} /> },
                { title: 'From', show: ({ addresses }) => addresses.join(', ') || 'anywhere' },
                {
                  title: 'Until',
                  show: ({ expiresAt }) => (expiresAt === null ? 'for ever' : <Moment at={expiresAt} />),
                },
                {
                  title: 'Last used',
                  show: ({ lastUsedAt }) => (lastUsedAt === null ? 'never' : <Ago at={lastUsedAt} />),
                },
                { title: 'Made by', show: ({ createdBy }) => <ShownText text={createdBy} /> },
                {
                  title: 'Act',
                  show: (key) => (
                    <Button aria-label={`Delete … the key ${key.id}`} onPress={() => setDeleted(key)}>
                      Delete …
                    </Button>
                  ),
                },
              ]}
              label="API keys"
              rowId={({ id }) => String(id)}
              rows={items}
            />
          )
        }
      </Answered>
      {isAdding && <NewKeyDialog close={() => setAdding(false)} onCreated={setCreated} />}
      {created !== undefined && <CreatedDialog close={() => setCreated(undefined)} created={created} />}
      <DeleteDialog close={() => setDeleted(undefined)} deleted={deleted} />
    </Card>
  );
}

function KeyName({ keyShown: { name, comment } }: { readonly keyShown: Key }) {
  return (
    <>
      <ShownText text={name} />
      {comment !== '' && (
        <div className="mute">
          <ShownText text={comment} />
        </div>
      )}
    </>
  );
}

interface NewKeyProps {
  close(): void;
  onCreated(created: CreatedKey): void;
}

function NewKeyDialog({ close, onCreated }: NewKeyProps) {
  const queries = useQueryClient();
  const [given, setGiven] = useState({
    ...{ name: '', comment: '', role: 'Responder', days: '', addresses: '' },
    ...{ level: 'standard' as KeyLevel, scope: wholeFleet },
  });
  const set = (more: Partial<typeof given>) => setGiven({ ...given, ...more });
  return (
    <FormDialog
      act={async () => {
        const { name, comment, role, level, scope, days, addresses } = given;
        const expiresAt = days === '' ? null : new Date(now() + Number(days) * day).toISOString();
        onCreated(
          await client.createKey({
            ...{ name, comment, role, level, expiresAt },
            ...{ tags: scopeOf(scope), addresses: splitList(addresses) },
          }),
        );
        await queries.invalidateQueries({ queryKey: ['access', 'keys'] });
      }}
      isOpen
      onClose={close}
      title="Make an API key"
      word="Make the key"
    >
      <TextField autoFocus isRequired label="What it is for" onChange={(name) => set({ name })} value={given.name} />
      <TextField label="Comment (optional)" onChange={(comment) => set({ comment })} value={given.comment} />
      <RoleSelect onChange={(role) => set({ role })} role={given.role} />
      <Select
        choices={[
          { value: 'standard', label: 'Standard: the key itself is sent' },
          { value: 'advanced', label: 'Advanced: each request is signed with it' },
        ]}
        help="A connector takes one or the other."
        label="Security level"
        onChange={(level) => set({ level: level === 'advanced' ? 'advanced' : 'standard' })}
        value={given.level}
      />
      <ScopeField onChange={(scope) => set({ scope })} scope={given.scope} />
      <Select choices={lifetimes} label="How long it works" onChange={(days) => set({ days })} value={given.days} />
      <TextField
        help="Addresses or ranges with commas between. Empty: from anywhere."
        label="From where it counts (optional)"
        onChange={(addresses) => set({ addresses })}
        value={given.addresses}
      />
    </FormDialog>
  );
}

function CreatedDialog({ created, close }: { readonly created: CreatedKey; close(): void }) {
  const { data: server } = useQuery(serverQuery);
  const address = server?.publicUrl ?? location.origin;
  return (
    <ShownOnceDialog
      close={close}
      label="API key"
      more={<HowToUse address={address} created={created} />}
      text={created.secret}
      title="The key is made"
      width="wide"
    >
      Whoever has it may do what “{created.role}” may.
    </ShownOnceDialog>
  );
}

function HowToUse({ created, address }: { readonly created: CreatedKey; readonly address: string }) {
  return (
    <>
      <Facts
        facts={[
          ['API key id', created.id],
          ['Server, base URL', <code key="u">{address}</code>],
          ['Security level', keyLevelWords[created.level]],
        ]}
      />
      {examplesOf(created, address).map(({ title, text }) => (
        <Copied key={title} label={title} text={text} />
      ))}
      <p className="mute">
        <code>ca.pem</code> is the server’s authority: “custody tokens authority” prints it, and Endpoints, Enrol
        machines has it in its commands.
      </p>
    </>
  );
}

function DeleteDialog({ deleted, close }: { readonly deleted: Key | undefined; close(): void }) {
  const queries = useQueryClient();
  return (
    <FormDialog
      act={async () => {
        if (deleted !== undefined) {
          await client.deleteKey(deleted.id);
          await queries.invalidateQueries({ queryKey: ['access', 'keys'] });
          tell(`The key ${deleted.id} is deleted.`);
        }
      }}
      isDanger
      isOpen={deleted !== undefined}
      onClose={close}
      title={`Delete the key ${deleted?.id ?? ''} for good?`}
      word="Delete for good"
    >
      <p>
        From the next request on it lets nobody in: what uses <ShownText text={deleted?.name || 'it'} /> stops working.
      </p>
    </FormDialog>
  );
}
