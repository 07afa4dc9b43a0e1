import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { client } from '../../app/client.ts';
import { useMay } from '../../app/may.ts';
import { Button } from '../../kit/button.tsx';
import { Copied } from '../../kit/copied.tsx';
import { useDoing } from '../../kit/doing.ts';
import { Ago } from '../../kit/moment.tsx';
import { ShownText } from '../../kit/shown-text.tsx';
import { enrolCommands, usualPlaces } from '../../words/enrol-commands.ts';
import { nameOf } from '../../words/presences.ts';

const lookAgain = 3_000;
const mostShown = 3;

/** A command to be pasted, and who has come with it. */
export function EnrolStep({ endpoints }: { readonly endpoints: number | undefined }) {
  const mayEnrol = useMay('endpoints.enrol');
  const [isBusy, begin] = useDoing();
  const [commands, setCommands] = useState<string>();
  const make = () =>
    begin(async () => {
      const [{ servers, authority }, { token }] = await Promise.all([
        client.readEnrolment(),
        client.createEnrolmentToken({}),
      ]);
      setCommands(enrolCommands('linux', { servers, authority, token, ...usualPlaces.linux }));
    });
  return (
    <>
      <p>
        Put Custody on a Linux machine (its package, or its executable as <code>custody</code> in the search path), and
        paste the commands there as root. For other systems, and for many machines at once, there is{' '}
        <Link search={{ view: 'enrolment' }} to="/endpoints">
          a page of its own
        </Link>
        .
      </p>
      {commands === undefined ? (
        <Button
          isPending={isBusy}
          look={endpoints === 0 ? 'main' : 'plain'}
          onPress={make}
          refusal={mayEnrol ? undefined : 'Your role may not enrol machines.'}
        >
          Make the commands
        </Button>
      ) : (
        <>
          <Copied label="Commands for Linux" text={commands} />
          <p className="mute">They work for one machine, for a day, and are shown this once.</p>
        </>
      )}
      <Arrived isWaiting={commands !== undefined} />
    </>
  );
}

function Arrived({ isWaiting }: { readonly isWaiting: boolean }) {
  const { data } = useQuery({
    queryKey: ['endpoints', 'arrived'],
    queryFn: () => client.listEndpoints({ order: 'enrolledAt', direction: 'descending', limit: mostShown }),
    enabled: useMay('endpoints.read'),
    refetchInterval: lookAgain,
  });
  if (data === undefined || data.total === 0) {
    return isWaiting ? (
      <p role="status">
        <span aria-hidden="true" className="spinner" /> Waiting for the machine …
      </p>
    ) : null;
  }
  return (
    <ul aria-label="Machines that have come" aria-live="polite" className="plain-list">
      {data.items.map((endpoint) => (
        <li key={endpoint.id}>
          <Link params={{ endpointId: endpoint.id }} to="/endpoints/$endpointId">
            <ShownText text={nameOf(endpoint)} />
          </Link>{' '}
          <span className="mute">
            enrolled <Ago at={endpoint.enrolledAt} />
          </span>
        </li>
      ))}
    </ul>
  );
}
