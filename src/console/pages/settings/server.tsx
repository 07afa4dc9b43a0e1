import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { client } from '../../app/client.ts';
import { useMay } from '../../app/may.ts';
import { serverQuery } from '../../app/queries.ts';
import { Badge } from '../../kit/badge.tsx';
import { Button } from '../../kit/button.tsx';
import { now } from '../../kit/clock.ts';
import { Copied } from '../../kit/copied.tsx';
import { Facts } from '../../kit/facts.tsx';
import { Moment } from '../../kit/moment.tsx';
import { tell } from '../../kit/notices.tsx';
import { Answered } from '../../kit/page-states.tsx';
import { ReasonDialog } from '../../kit/reason-dialog.tsx';
import { ShownText } from '../../kit/shown-text.tsx';
import { bytesText, counted } from '../../words/amounts.ts';
import { type ClockDoubt, clockDoubtWords, type Server, storageWords } from '../../words/server.ts';
import { Card } from './card.tsx';
import { installationQuery, SettingsTable } from './set-at-start.tsx';

const day = 86_400_000;
/** A certificate that the server did not make is not renewed by itself. */
const soon = 30 * day;

/** How the server itself does. */
export function ServerSection() {
  const query = useQuery(serverQuery);
  const mayManage = useMay('server.manage');
  const mayReadRecord = useMay('events.read');
  return (
    <>
      <Answered query={query} what="the server">
        {(server) => (
          <>
            <About server={server} />
            <ClockCard server={server} />
            <Disks server={server} />
          </>
        )}
      </Answered>
      {mayManage && <Certificate />}
      {mayReadRecord && <LedgerCard />}
      {mayManage && <AllSettings />}
    </>
  );
}

function About({ server: { version, publicUrl, feeds } }: { readonly server: Server }) {
  const mayManage = useMay('server.manage');
  const { data: installation } = useQuery({ ...installationQuery, enabled: mayManage });
  const failing = feeds.filter(({ failingSince }) => failingSince !== null);
  return (
    <Card title="Server">
      <Facts
        facts={[
          ['Version', `Custody ${version}`],
          ['Address', <code key="a">{publicUrl}</code>],
          ['Records', storeWords[installation?.store ?? 'unknown']],
          ['Feeds', feeds.length === 0 ? 'None' : `${counted(feeds.length, 'feed')}, ${failing.length} failing`],
        ]}
      />
    </Card>
  );
}

const storeWords = { sqlite: 'SQLite, in the data directory', postgresql: 'PostgreSQL', unknown: null } as const;

function ClockCard({ server: { time, clockDoubt } }: { readonly server: Server }) {
  const queries = useQueryClient();
  const [isAsking, setAsking] = useState(false);
  const mayAccept = useMay('server.manage');
  return (
    <Card
      buttons={
        clockDoubt !== null && (
          <Button
            onPress={() => setAsking(true)}
            refusal={mayAccept ? undefined : 'Your role may not accept the clock.'}
          >
            The clock is right …
          </Button>
        )
      }
      isWarned={clockDoubt !== null}
      title="Clock"
    >
      <Facts
        facts={[
          ['Time', <Moment at={time} key="t" />],
          [
            'Of the machine',
            clockDoubt === null ? (
              <Badge key="b" tone="good">
                Believed
              </Badge>
            ) : (
              <Badge key="b" tone="bad">
                Not believed
              </Badge>
            ),
          ],
          ['Why', clockDoubt && clockDoubtWords[clockDoubt.kind]],
          ['Ahead by', clockDoubt && `${clockDoubt.aheadSeconds} seconds`],
          ['Believed', clockDoubt && believedWords(clockDoubt)],
        ]}
      />
      <ReasonDialog
        act={async (reason) => {
          await client.acceptClock({ reason });
          await queries.invalidateQueries({ queryKey: ['server'] });
          tell('The machine’s clock is accepted.');
        }}
        isDanger
        isOpen={isAsking}
        needsReason
        onClose={() => setAsking(false)}
        title="Is the machine’s clock right now?"
        word="It is right"
      >
        <p>
          What is overdue by it expires, and what is old by it is deleted: that cannot be taken back. Look at a clock
          that you trust first.
        </p>
      </ReasonDialog>
    </Card>
  );
}

function believedWords({ believedInSeconds }: ClockDoubt): string {
  return believedInSeconds === null ? 'when somebody accepts it' : `by itself in ${believedInSeconds} seconds`;
}

function Disks({ server: { evidence } }: { readonly server: Server }) {
  const { state, message, freeBytes, reservedBytes } = evidence;
  return (
    <Card isWarned={state === 'full' || state === 'unavailable'} title="Evidence storage">
      <Facts
        facts={[
          [
            'State',
            <Badge key="s" tone={storageWords[state].tone}>
              {storageWords[state].label}
            </Badge>,
          ],
          ['It says', message],
          ['Free', freeBytes === null ? null : bytesText(freeBytes)],
          ['Kept free', reservedBytes === null ? null : bytesText(reservedBytes)],
        ]}
      />
    </Card>
  );
}

function Certificate() {
  const query = useQuery(installationQuery);
  return (
    <Card title="Certificate">
      <Answered query={query} what="the certificate">
        {({ certificate }) =>
          certificate === null ? (
            <p className="mute">Nothing listens.</p>
          ) : (
            <Facts
              facts={[
                ['Subject', <ShownText key="s" text={certificate.subject} />],
                ['Signed by', <ShownText key="i" text={certificate.issuer} />],
                ['Names', <ShownText key="n" text={certificate.names.join(', ')} />],
                ['From', <Moment at={certificate.notBefore} key="f" />],
                [
                  'Until',
                  <span key="u">
                    <Moment at={certificate.notAfter} />{' '}
                    {Date.parse(certificate.notAfter) - now() < soon && <Badge tone="bad">Ends soon</Badge>}
                  </span>,
                ],
                ['SHA-256', <code key="h">{certificate.sha256}</code>],
              ]}
            />
          )
        }
      </Answered>
    </Card>
  );
}

function LedgerCard() {
  const query = useQuery({ queryKey: ['events', 'ledger-size'], queryFn: () => client.readLedger() });
  return (
    <Card title="Ledger">
      <Answered query={query} what="the ledger">
        {({ origin, size, verifierKey, checkpoint }) => (
          <div className="stack">
            <Facts
              facts={[
                ['Record', <ShownText key="o" text={origin} />],
                ['Holds', counted(size, 'event')],
              ]}
            />
            <p className="mute">
              Keep the key and now and then a checkpoint elsewhere: “custody verify” shows with them that nothing was
              changed or taken away since.
            </p>
            <Copied label="Key to verify it with" text={verifierKey} />
            <Copied label="Newest checkpoint" text={checkpoint} />
          </div>
        )}
      </Answered>
    </Card>
  );
}

/** Of the settings alone that somebody made; the rest are defaults, one click away. */
function AllSettings() {
  const query = useQuery(installationQuery);
  const [areAllShown, showAll] = useState(false);
  return (
    <Card
      buttons={
        <Button onPress={() => showAll(!areAllShown)}>
          {areAllShown ? 'Only what is set' : 'Show the defaults, too'}
        </Button>
      }
      title="Settings of its start"
    >
      <Answered query={query} what="the settings">
        {({ settings }) => {
          const shown = settings.filter(({ source }) => areAllShown || source !== null);
          return (
            <div className="stack">
              <p className="mute">
                Changed where the server is started, in the environment, as flags or in custody.toml; not here.
              </p>
              {shown.length === 0 ? (
                <p className="mute">Nothing is set: all of it is as at first.</p>
              ) : (
                <SettingsTable label="All settings" settings={shown} />
              )}
            </div>
          );
        }}
      </Answered>
    </Card>
  );
}
