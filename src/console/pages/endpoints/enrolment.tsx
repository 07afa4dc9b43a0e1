import { useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { client } from '../../app/client.ts';
import { useMay } from '../../app/may.ts';
import { type EnrolmentToken, enrolmentQuery, NewEndpoints } from '../../app/new-endpoint.tsx';
import { Button } from '../../kit/button.tsx';
import { useDoing } from '../../kit/doing.ts';
import { Select, TextField } from '../../kit/fields.tsx';
import { Moment } from '../../kit/moment.tsx';
import { Answered, Empty } from '../../kit/page-states.tsx';
import { ShownOnce } from '../../kit/shown-once.tsx';
import { splitList } from '../../kit/split-list.ts';
import { counted } from '../../words/amounts.ts';
import { enrolCommands, type System, usualPlaces } from '../../words/enrol-commands.ts';
import { platformWords } from '../../words/platforms.ts';
import { platforms } from './search.ts';
import { Tokens } from './tokens.tsx';

const lifetimes = [
  { value: '3600', label: '1 hour' },
  { value: '86400', label: '1 day' },
  { value: '604800', label: '7 days' },
  { value: '2592000', label: '30 days' },
] as const;

/** How machines come into the fleet: a token, the commands, and who has arrived. */
export function Enrolment() {
  const [created, setCreated] = useState<EnrolmentToken>();
  if (!useMay('endpoints.enrol')) {
    return <Empty title="Your role may not enrol machines.">Ask an administrator for a token.</Empty>;
  }
  return (
    <>
      <section className="card">
        <h2>1. Make a token</h2>
        <NewToken onCreated={setCreated} />
      </section>
      <section className="card">
        <h2>2. Enrol the machine</h2>
        {created === undefined ? (
          <p className="mute">The commands stand here, ready to be pasted, once there is a token.</p>
        ) : (
          <Commands created={created} key={created.id} />
        )}
      </section>
      <section className="card">
        <h2>3. See it arrive</h2>
        {created === undefined ? (
          <p className="mute">Machines that enrol from then on stand here as soon as they are there.</p>
        ) : (
          <NewEndpoints since={created.createdAt} />
        )}
      </section>
      <section className="card">
        <h2>Tokens</h2>
        <Tokens />
      </section>
    </>
  );
}

function NewToken({ onCreated }: { onCreated(created: EnrolmentToken): void }) {
  const queries = useQueryClient();
  const [isBusy, begin] = useDoing();
  const [given, setGiven] = useState({ uses: '1', lifetime: '86400', tags: '', addresses: '' });
  const set = (name: keyof typeof given) => (value: string) => setGiven({ ...given, [name]: value });
  const create = (event: FormEvent) => {
    event.preventDefault();
    begin(async () => {
      onCreated(
        await client.createEnrolmentToken({
          uses: Number(given.uses),
          lifetimeSeconds: Number(given.lifetime),
          tags: splitList(given.tags),
          addresses: splitList(given.addresses),
        }),
      );
      await queries.invalidateQueries({ queryKey: ['access', 'tokens'] });
    });
  };
  return (
    <form className="stack" onSubmit={create}>
      <div className="field-grid">
        <TextField
          inputMode="numeric"
          isRequired
          label="How many machines may enrol with it"
          onChange={set('uses')}
          validate={(value) => (/^[1-9]\d{0,6}$/.test(value) ? null : 'A whole number from 1 to 1,000,000.')}
          value={given.uses}
        />
        <Select choices={lifetimes} label="How long it works" onChange={set('lifetime')} value={given.lifetime} />
        <TextField
          help="Several with commas between."
          label="Tags that the machines get (optional)"
          onChange={set('tags')}
          value={given.tags}
        />
        <TextField
          help="Addresses or ranges, such as 192.0.2.0/24. Empty: from anywhere."
          label="From where they may enrol (optional)"
          onChange={set('addresses')}
          value={given.addresses}
        />
      </div>
      <div className="buttons">
        <Button isPending={isBusy} look="main" type="submit">
          Make a token
        </Button>
      </div>
    </form>
  );
}

function Commands({ created }: { readonly created: EnrolmentToken }) {
  const query = useQuery(enrolmentQuery);
  const [system, setSystem] = useState<System>('linux');
  const [places, setPlaces] = useState(usualPlaces);
  const place = places[system];
  const set = (name: keyof typeof place) => (value: string) =>
    setPlaces({ ...places, [system]: { ...place, [name]: value } });
  return (
    <Answered query={query} what="what machines need to enrol">
      {({ servers, authority }) => (
        <div className="stack">
          <div className="field-grid">
            <Select
              choices={platforms.map((value) => ({ value, label: platformWords[value] }))}
              label="System"
              onChange={(value) => setSystem(platforms.find((each) => each === value) ?? 'linux')}
              value={system}
            />
            <TextField
              label={
                system === 'windows' ? 'Directories to inventory (; between)' : 'Directories to inventory (: between)'
              }
              onChange={set('roots')}
              value={place.roots}
            />
            <TextField label="The agent’s own directory" onChange={set('data')} value={place.data} />
          </div>
          <Before authority={authority} system={system} />
          <ShownOnce
            label={`Commands for ${platformWords[system]}`}
            text={enrolCommands(system, { servers, authority, token: created.token, ...place })}
          >
            The token in it works for {counted(created.usesLeft, 'machine')} until <Moment at={created.expiresAt} />;
            when this page is left, nobody can read it any more.
          </ShownOnce>
        </div>
      )}
    </Answered>
  );
}

function Before({ system, authority }: { readonly system: System; readonly authority: string | null }) {
  return (
    <>
      <p className="mute">
        {system === 'linux'
          ? 'As root, on a machine that has Custody’s package, or its executable as custody in the search path. Without systemd, run “custody agent run” instead of the last line.'
          : 'As administrator, with Custody’s executable as custody in the search path. The last line runs until it is stopped: have the system start it. On this system files can be fetched, listed and searched; orders that would move a file end as not possible there.'}
      </p>
      {authority === null && (
        <p>
          This server shows a certificate that it was given. Put the authority that signed it beside you as{' '}
          <code>ca.pem</code>.
        </p>
      )}
    </>
  );
}
