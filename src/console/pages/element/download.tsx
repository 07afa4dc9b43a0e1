import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { Arriving } from '../../app/arriving.tsx';
import { client } from '../../app/client.ts';
import { forgetFetch, noteFetch, type OrderedFetch, useFetches } from '../../app/fetches.ts';
import { fetchQuery } from '../../app/fetches-watched.tsx';
import { useMay } from '../../app/may.ts';
import { SaveFile } from '../../app/save-file.tsx';
import { isRefused } from '../../app/until-ended.ts';
import { Badge } from '../../kit/badge.tsx';
import { Button } from '../../kit/button.tsx';
import { tell } from '../../kit/notices.tsx';
import { ReasonDialog } from '../../kit/reason-dialog.tsx';
import { ShownText } from '../../kit/shown-text.tsx';
import { bytesText } from '../../words/amounts.ts';
import type { File } from '../../words/files.ts';
import { type ActionDetails, type ActionTask, outcomeWords } from '../../words/outcomes.ts';
import { isOpen, statusWords } from '../../words/statuses.ts';
import { IncidentField } from './incident-field.tsx';

interface DownloadProps {
  readonly file: File;
  readonly hostName: string;
}

/** Fetches the file from its endpoint, says how far that is, and saves it when it is here. */
export function DownloadButton({ file, hostName }: DownloadProps) {
  const mayFetch = useMay('files.fetch');
  const [isAsking, setAsking] = useState(false);
  const [incidentId, setIncident] = useState('');
  const isGone = file.state === 'gone';
  const refusal = isGone ? 'The file is not on its endpoint any more.' : undefined;
  return (
    <>
      <Button
        look="main"
        onPress={() => setAsking(true)}
        refusal={mayFetch ? refusal : 'Your role may not fetch files.'}
      >
        Download the file
      </Button>
      <ReasonDialog
        act={async (reason) => {
          const given = { ...(reason !== '' && { reason }), ...(incidentId !== '' && { incidentId }) };
          const { action } = await client.startFetch({ guids: [file.guid], ...given });
          noteFetch({ actionId: action.id, guid: file.guid, path: file.path, ...(reason !== '' && { reason }) });
        }}
        isOpen={isAsking}
        onClose={() => setAsking(false)}
        title={
          <>
            Download this file from <ShownText text={hostName} />?
          </>
        }
        word="Download it"
      >
        <p>
          <ShownText text={file.path} />, {bytesText(file.size)}.
          {file.state === 'quarantined' && ' It is taken from the vault, and stays there.'} Nothing on the endpoint
          changes. An endpoint that is away sends it when it returns.
        </p>
        <IncidentField onChange={setIncident} value={incidentId} />
      </ReasonDialog>
    </>
  );
}

/** The newest download of this file, as far as it is. */
export function DownloadProgress({ file }: { readonly file: File }) {
  const ordered = useFetches().findLast(({ guid }) => guid === file.guid);
  return ordered === undefined ? null : <Progress file={file} key={ordered.actionId} ordered={ordered} />;
}

interface ProgressProps {
  readonly file: File;
  readonly ordered: OrderedFetch;
}

function Progress({ file, ordered }: ProgressProps) {
  const { actionId, reason } = ordered;
  const mayDownload = useMay('evidence.download');
  const { data: action, error } = useQuery(fetchQuery(actionId));
  const putAway = () => {
    forgetFetch(file.guid);
    tell('Put away. The action stays in the Action Center.');
  };
  if (action === undefined) {
    return isRefused(error) ? <Unseen failure={error} putAway={putAway} /> : null;
  }
  const outcome = action.tasks[0]?.files[0];
  return (
    <section aria-label="The download" className="card download">
      <Steps action={action} />
      <p aria-live="polite">
        <Badge tone={statusWords[action.status].tone}>{statusWords[action.status].label}</Badge>{' '}
        <Link params={{ actionId }} to="/actions/$actionId">
          Action {actionId}
        </Link>{' '}
        <span className="mute">{isOpen(action.status) && waitingText(action)}</span>
      </p>
      {outcome?.outcome === 'done' &&
        (mayDownload ? (
          <SaveFile
            file={{
              place: { actionId, taskId: outcome.taskId, ordinal: outcome.ordinal },
              ...{ size: outcome.size ?? file.size, sha256: outcome.sha256 },
            }}
            reason={reason}
          />
        ) : (
          <p>It is on the server. Your role may not save it from there.</p>
        ))}
      {outcome !== undefined && outcome.outcome !== 'done' && (
        <p className="field-error">
          {outcomeWords[outcome.outcome].label}. <ShownText text={outcome.message} />
        </p>
      )}
      {!isOpen(action.status) && (
        <Button look="quiet" onPress={putAway}>
          Put away
        </Button>
      )}
    </section>
  );
}

function Unseen({ failure, putAway }: { readonly failure: Error; putAway(): void }) {
  return (
    <section aria-label="The download" aria-live="polite" className="card download">
      <p className="field-error">How far it is cannot be seen any more. {failure.message}</p>
      <Button look="quiet" onPress={putAway}>
        Put away
      </Button>
    </section>
  );
}

const stages = ['Ordered', 'The endpoint has the order', 'On the server'] as const;

function Steps({ action: { tasks } }: { readonly action: ActionDetails }) {
  const [task] = tasks;
  const reached = reachedBy(task);
  return (
    <>
      {task === undefined || task.upload === null ? (
        <progress aria-label="How far the download is" max={stages.length} value={reached} />
      ) : (
        <Arriving upload={task.upload} />
      )}
      <ol className="download-steps">
        {stages.map((stage, index) => (
          <li className={index < reached ? 'reached' : 'mute'} key={stage}>
            {index < reached ? '✓' : '·'} {stage}
          </li>
        ))}
      </ol>
    </>
  );
}

/** How many stages are behind it. */
function reachedBy(task: ActionTask | undefined): number {
  if (task?.files[0]?.outcome === 'done') {
    return stages.length;
  }
  return typeof task?.acceptedAt === 'string' ? 2 : 1;
}

function waitingText({ tasks: [task] }: ActionDetails): string {
  if (task === undefined) {
    return '';
  }
  return task.waitsFor?.message ?? (task.acceptedAt === null ? 'The endpoint is told as soon as it is connected.' : '');
}
