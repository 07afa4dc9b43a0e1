import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import type { Client } from '#sdk/client.ts';
import { client } from '../../app/client.ts';
import { useMay } from '../../app/may.ts';
import { Button } from '../../kit/button.tsx';
import { useDoing } from '../../kit/doing.ts';
import { Select, TextField } from '../../kit/fields.tsx';
import { FormDialog } from '../../kit/form-dialog.tsx';
import { tell } from '../../kit/notices.tsx';
import { Answered, Empty } from '../../kit/page-states.tsx';
import { counted } from '../../words/amounts.ts';
import { type ActionVerb, verbWords } from '../../words/statuses.ts';
import { Card } from './card.tsx';
import { SetAtStart } from './set-at-start.tsx';

/** How long things are kept and orders wait. */
export function RetentionSection() {
  const mayRead = useMay('evidence.download');
  return (
    <>
      <Card title="Fetched files">
        {mayRead ? <EvidenceRetention /> : <Empty title="Your role may not see how long evidence is kept." />}
      </Card>
      {mayRead && (
        <Card title="On hold">
          <Holds />
        </Card>
      )}
      <Card title="How long orders wait for their endpoints">
        <Lifetimes />
      </Card>
      <Card title="Set where the server is started">
        <SetAtStart names={['CUSTODY_RETRIEVAL_DAYS', 'CUSTODY_EVIDENCE', 'CUSTODY_EVIDENCE_RESERVE']} />
      </Card>
    </>
  );
}

function EvidenceRetention() {
  const query = useQuery({ queryKey: ['evidence', 'retention'], queryFn: () => client.readRetention() });
  const mayChange = useMay('server.manage');
  const [isAsking, setAsking] = useState(false);
  return (
    <Answered query={query} what="how long evidence is kept">
      {({ days }) => (
        <div className="stack">
          <p>
            {days === null
              ? 'They are kept for ever.'
              : `What nobody has fetched for ${counted(days, 'day')} is deleted, hour by hour. Hash and history stay.`}
          </p>
          <div>
            <Button
              onPress={() => setAsking(true)}
              refusal={mayChange ? undefined : 'Your role may not change settings.'}
            >
              Change …
            </Button>
          </div>
          {isAsking && <RetentionDialog close={() => setAsking(false)} days={days} />}
        </div>
      )}
    </Answered>
  );
}

function RetentionDialog({ days, close }: { readonly days: number | null; close(): void }) {
  const queries = useQueryClient();
  const [kept, setKept] = useState(days === null ? 'ever' : 'days');
  const [typed, setTyped] = useState(String(days ?? 365));
  return (
    <FormDialog
      act={async () => {
        await client.changeRetention({ days: kept === 'ever' ? null : Number(typed) });
        await queries.invalidateQueries({ queryKey: ['evidence'] });
        tell(kept === 'ever' ? 'Fetched files are kept for ever.' : `Fetched files are kept for ${typed} days.`);
      }}
      isDanger={kept === 'days'}
      isOpen
      onClose={close}
      title="How long are fetched files kept?"
      word="Change it"
    >
      <Select
        choices={[
          { value: 'ever', label: 'For ever' },
          { value: 'days', label: 'For a number of days after they were fetched last' },
        ]}
        label="Kept"
        onChange={setKept}
        value={kept}
      />
      {kept === 'days' && (
        <>
          <TextField
            inputMode="numeric"
            isRequired
            label="Days"
            onChange={setTyped}
            validate={(value) => (/^[1-9]\d{0,4}$/.test(value) ? null : 'A whole number from 1 to 36,500.')}
            value={typed}
          />
          <p>
            What is older already is deleted within the hour, and cannot be brought back. What an incident on hold needs
            stays whatever is set.
          </p>
        </>
      )}
    </FormDialog>
  );
}

const mostLooked = 1_000;

/** As the bytes say which incidents keep them; a hold itself is set and released on the incident's page. */
function Holds() {
  const query = useQuery({
    queryKey: ['evidence', 'held'],
    queryFn: () => client.listEvidence({ state: ['kept'], limit: mostLooked }),
  });
  return (
    <Answered query={query} what="what is on hold">
      {({ items, total }) => {
        const holds = Map.groupBy(
          items.flatMap(({ sha256, heldBy }) => heldBy.map((incident) => ({ sha256, incident }))),
          ({ incident }) => incident,
        );
        return (
          <div className="stack">
            {holds.size === 0 ? (
              <p className="mute">No incident keeps fetched files from being deleted.</p>
            ) : (
              <ul className="plain-list">
                {[...holds].map(([incident, held]) => (
                  <li key={incident}>
                    <Link params={{ incidentId: incident }} to="/incidents/$incidentId">
                      Incident {incident}
                    </Link>{' '}
                    keeps {counted(held.length, 'file')}
                  </li>
                ))}
              </ul>
            )}
            {total > items.length && (
              <p className="mute">
                Of {counted(total, 'file')}, the {mostLooked} that were fetched last were looked at.
              </p>
            )}
            <p className="mute">An incident is put on hold, and released, on its own page.</p>
          </div>
        );
      }}
    </Answered>
  );
}

type LifetimesShown = Awaited<ReturnType<Client['readLifetimes']>>;
const hour = 3_600;
const mostHours = 720;

function Lifetimes() {
  const query = useQuery({ queryKey: ['server', 'lifetimes'], queryFn: () => client.readLifetimes() });
  return (
    <Answered query={query} what="how long orders wait">
      {(lifetimes) => <LifetimesForm lifetimes={lifetimes} />}
    </Answered>
  );
}

/** Hours as they stand in the fields that somebody has changed; the others show what holds, also when others change it meanwhile. */
type Typed = Readonly<Partial<Record<ActionVerb, string>>>;

/** What was typed since the change was sent is still to be sent. */
function without(now: Typed, sent: Typed): Typed {
  const verbs = Object.keys(now) as ActionVerb[];
  return Object.fromEntries(verbs.filter((verb) => now[verb] !== sent[verb]).map((verb) => [verb, now[verb]]));
}

function LifetimesForm({ lifetimes }: { readonly lifetimes: LifetimesShown }) {
  const queries = useQueryClient();
  const [isBusy, begin] = useDoing();
  const mayChange = useMay('server.manage');
  const [typed, setTyped] = useState<Typed>({});
  const verbs = Object.keys(verbWords) as ActionVerb[];
  const changes = Object.fromEntries(
    verbs.flatMap((verb) => {
      const seconds = Number(typed[verb]) * hour;
      return typed[verb] === undefined || seconds === lifetimes[verb] ? [] : [[verb, seconds]];
    }),
  );
  const count = Object.keys(changes).length;
  const change = (event: FormEvent) => {
    event.preventDefault();
    begin(async () => {
      await client.changeLifetimes(changes);
      await queries.invalidateQueries({ queryKey: ['server', 'lifetimes'] });
      setTyped((now) => without(now, typed));
      tell(`${counted(count, 'lifetime')} changed, for orders that are given from now on.`);
    });
  };
  return (
    <form className="stack" onSubmit={change}>
      <p className="mute">
        An order that has not reached its endpoint by then expires, and does nothing. From 1 hour to 30 days; orders
        that were given before stay as they are.
      </p>
      <div className="field-grid">
        {verbs.map((verb) => (
          <TextField
            inputMode="decimal"
            isReadOnly={!mayChange}
            isRequired
            key={verb}
            label={`${verbWords[verb]} (hours)`}
            onChange={(hours) => setTyped((before) => ({ ...before, [verb]: hours }))}
            validate={(hours) => (isLifetime(hours) ? null : `A number of hours from 1 to ${mostHours}.`)}
            value={typed[verb] ?? String(lifetimes[verb] / hour)}
          />
        ))}
      </div>
      {mayChange && (
        <div className="buttons">
          <Button
            isPending={isBusy}
            look="main"
            refusal={count === 0 ? 'Nothing is changed yet.' : undefined}
            type={count === 0 ? 'button' : 'submit'}
          >
            Change {counted(count, 'lifetime')}
          </Button>
        </div>
      )}
    </form>
  );
}

function isLifetime(hours: string): boolean {
  const number = Number(hours);
  return hours.trim() !== '' && number >= 1 && number <= mostHours && Number.isInteger(number * hour);
}
