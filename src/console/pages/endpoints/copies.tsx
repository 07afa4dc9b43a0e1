import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { client } from '../../app/client.ts';
import { useMay } from '../../app/may.ts';
import { Button } from '../../kit/button.tsx';
import { FormDialog } from '../../kit/form-dialog.tsx';
import { Moment } from '../../kit/moment.tsx';
import { tell } from '../../kit/notices.tsx';
import { ShownText } from '../../kit/shown-text.tsx';
import { SimpleTable } from '../../kit/simple-table.tsx';
import { counted } from '../../words/amounts.ts';
import { copySignWords } from '../../words/platforms.ts';
import { type Endpoint, nameOf } from '../../words/presences.ts';

type Clone = NonNullable<Endpoint['clone']>;
type Copy = Clone['hosts'][number];

interface CopiesProps {
  readonly endpoint: Endpoint;
  readonly clone: Clone;
}

/** Other machines that came with its key: somebody has to say which of them it is. */
export function Copies({ endpoint, clone }: CopiesProps) {
  const [asked, setAsked] = useState<Copy | 'none'>();
  const maySettle = useMay('endpoints.enrol');
  const refusal = maySettle ? undefined : 'Your role may not say which machine it is.';
  return (
    <section aria-label="Copies of this machine" className="card warned">
      <h2>{counted(clone.hosts.length, 'other machine')} came with this endpoint’s key, and was refused</h2>
      <p>
        A virtual machine was cloned, or a snapshot brought back. The endpoint goes on; a copy that is a machine of its
        own is enrolled anew there.
      </p>
      <SimpleTable
        columns={[
          { title: 'Machine', show: ({ hostName }) => <ShownText text={hostName} /> },
          { title: 'From', show: ({ remoteAddress }) => remoteAddress },
          { title: 'Why', show: ({ sign }) => copySignWords[sign] },
          { title: 'First seen', show: ({ firstSeen }) => <Moment at={firstSeen} /> },
          { title: 'Last seen', show: ({ lastSeen }) => <Moment at={lastSeen} /> },
          {
            title: 'Act',
            show: (copy) => (
              <Button onPress={() => setAsked(copy)} refusal={refusal}>
                It took its place …
              </Button>
            ),
          },
        ]}
        label="Copies"
        rowId={({ id }) => id}
        rows={clone.hosts}
      />
      <div className="buttons below">
        <Button onPress={() => setAsked('none')} refusal={refusal}>
          Forget the copies …
        </Button>
      </div>
      <SettleDialog asked={asked} close={() => setAsked(undefined)} endpoint={endpoint} />
    </section>
  );
}

interface SettleProps {
  readonly asked: Copy | 'none' | undefined;
  readonly endpoint: Endpoint;
  close(): void;
}

function SettleDialog({ asked, endpoint, close }: SettleProps) {
  const queries = useQueryClient();
  const accepted = asked === 'none' ? undefined : asked;
  return (
    <FormDialog
      act={async () => {
        await client.settleCopies(endpoint.id, accepted?.id ?? null);
        await queries.invalidateQueries({ queryKey: ['endpoints'] });
        tell(
          accepted === undefined ? 'The copies are forgotten.' : 'It is let in when it comes again, within minutes.',
        );
      }}
      isDanger
      isOpen={asked !== undefined}
      onClose={close}
      title={accepted === undefined ? 'Forget the copies?' : 'Did this machine take the endpoint’s place?'}
      word={accepted === undefined ? 'Forget them' : 'Let it in'}
    >
      <p>
        {accepted === undefined ? (
          <>
            <ShownText text={nameOf(endpoint)} /> is the machine that it was. A copy that comes again is refused and
            stands here again.
          </>
        ) : (
          <>
            <ShownText text={accepted.hostName} /> is the endpoint from then on, with its orders and its record. The
            machine that it was is refused as a copy.
          </>
        )}
      </p>
    </FormDialog>
  );
}
