import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { client } from '../../app/client.ts';
import { useMay } from '../../app/may.ts';
import { Button } from '../../kit/button.tsx';
import { useDoing } from '../../kit/doing.ts';
import { tell } from '../../kit/notices.tsx';
import { ReasonDialog } from '../../kit/reason-dialog.tsx';
import type { WholeIncident } from '../../words/incidents.ts';
import { ChangeIncident } from './change-incident.tsx';
import { ExportIncident } from './export-incident.tsx';

type Question = 'change' | 'hold' | 'release' | 'export';

/** What can be done about an incident. */
export function IncidentButtons({ incident }: { readonly incident: WholeIncident }) {
  const [question, setQuestion] = useState<Question>();
  const [mayManage, mayRelease, mayExport] = [
    useMay('incidents.manage'),
    useMay('evidence.delete'),
    [useMay('evidence.download'), useMay('events.read')].every(Boolean),
  ];
  const refusal = mayManage ? undefined : 'Your role may not change incidents.';
  const asked = { incident, question, close: () => setQuestion(undefined) };
  return (
    <>
      <Star incident={incident} refusal={refusal} />
      <Button onPress={() => setQuestion('change')} refusal={refusal}>
        Change
      </Button>
      {incident.hold === null ? (
        <Button onPress={() => setQuestion('hold')} refusal={refusal}>
          Set legal hold
        </Button>
      ) : (
        <Button
          onPress={() => setQuestion('release')}
          refusal={mayRelease ? undefined : 'Your role may not end a hold: it takes the right to delete evidence.'}
        >
          End legal hold
        </Button>
      )}
      <Button
        onPress={() => setQuestion('export')}
        refusal={
          mayExport ? undefined : 'Your role may not export: it takes the rights to download and to read events.'
        }
      >
        Export bundle
      </Button>
      {question === 'change' && <ChangeIncident {...asked} />}
      <HoldDialog {...asked} />
      <ReleaseDialog {...asked} />
      <ExportIncident {...asked} isOpen={question === 'export'} />
    </>
  );
}

interface Asked {
  readonly incident: WholeIncident;
  readonly question: Question | undefined;
  close(): void;
}

function useChanged(): () => Promise<void> {
  const queries = useQueryClient();
  return () => queries.invalidateQueries({ queryKey: ['incidents'] });
}

function Star({ incident, refusal }: { readonly incident: WholeIncident; readonly refusal: string | undefined }) {
  const changed = useChanged();
  const [isBusy, begin] = useDoing();
  const { id, starred } = incident;
  return (
    <Button
      aria-label={starred ? 'Take the star away' : 'Give it a star'}
      isPending={isBusy}
      look="quiet"
      onPress={() =>
        begin(async () => {
          await client.changeIncident(id, { starred: !starred });
          await changed();
        })
      }
      refusal={refusal}
    >
      {starred ? '★' : '☆'}
    </Button>
  );
}

function HoldDialog({ incident, question, close }: Asked) {
  const changed = useChanged();
  return (
    <ReasonDialog
      act={async (reason) => {
        await client.holdIncident(incident.id, { reason });
        await changed();
        tell('The incident is on legal hold: its evidence is kept.');
      }}
      isOpen={question === 'hold'}
      needsReason
      onClose={close}
      title="Put the incident on legal hold?"
      word="Set the hold"
    >
      <p>
        What was fetched for it, or is about it, is not deleted meanwhile: not by a person, and not by the rules of
        retention.
      </p>
    </ReasonDialog>
  );
}

function ReleaseDialog({ incident, question, close }: Asked) {
  const changed = useChanged();
  return (
    <ReasonDialog
      act={async (reason) => {
        await client.releaseIncident(incident.id, { reason });
        await changed();
        tell('The legal hold has ended.');
      }}
      isDanger
      isOpen={question === 'release'}
      needsReason
      onClose={close}
      title="End the legal hold?"
      word="End the hold"
    >
      <p>
        Fetched files that only this hold keeps may be deleted from now on: by the rules of retention, without asking
        again, and for good. Other holds stay.
      </p>
    </ReasonDialog>
  );
}
