import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { client } from '../../app/client.ts';
import { useMay } from '../../app/may.ts';
import { NewEndpoints } from '../../app/new-endpoint.tsx';
import { Button } from '../../kit/button.tsx';
import { useDoing } from '../../kit/doing.ts';
import { ShownOnce } from '../../kit/shown-once.tsx';
import { enrolCommands, usualPlaces } from '../../words/enrol-commands.ts';

/** A command to be pasted, and who has come with it. */
export function EnrolStep({ endpoints }: { readonly endpoints: number | undefined }) {
  const mayEnrol = useMay('endpoints.enrol');
  const [isBusy, begin] = useDoing();
  const [made, setMade] = useState<{ readonly commands: string; readonly at: string }>();
  const make = () =>
    begin(async () => {
      const [{ servers, authority }, { token, createdAt }] = await Promise.all([
        client.readEnrolment(),
        client.createEnrolmentToken({}),
      ]);
      const commands = enrolCommands('linux', { servers, authority, token, ...usualPlaces.linux });
      setMade({ commands, at: createdAt });
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
      {made === undefined ? (
        <Button
          isPending={isBusy}
          look={endpoints === 0 ? 'main' : 'plain'}
          onPress={make}
          refusal={mayEnrol ? undefined : 'Your role may not enrol machines.'}
        >
          Make the commands
        </Button>
      ) : (
        <ShownOnce label="Commands for Linux" text={made.commands}>
          The token in it works for one machine, for a day.
        </ShownOnce>
      )}
      <NewEndpoints since={made?.at} />
    </>
  );
}
