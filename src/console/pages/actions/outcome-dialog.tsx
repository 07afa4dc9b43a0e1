import { Link } from '@tanstack/react-router';
import { useMay } from '../../app/may.ts';
import { SaveFile } from '../../app/save-file.tsx';
import { Badge } from '../../kit/badge.tsx';
import { Button } from '../../kit/button.tsx';
import { Dialog } from '../../kit/dialog.tsx';
import { Facts } from '../../kit/facts.tsx';
import { Moment } from '../../kit/moment.tsx';
import { ShownText } from '../../kit/shown-text.tsx';
import { bytesText, counted } from '../../words/amounts.ts';
import { hostOf, type OutcomeRow, pathOf, whyOf } from '../../words/outcome-rows.ts';
import { type ActionTask, type FileOutcome, outcomeWords } from '../../words/outcomes.ts';
import { statusWords } from '../../words/statuses.ts';

interface OutcomeDialogProps {
  readonly actionId: string;
  readonly row: OutcomeRow;
  onClose(): void;
}

/** Everything that is known of how one file ended on one endpoint. */
export function OutcomeDialog({ actionId, row, onClose }: OutcomeDialogProps) {
  const { task, file } = row;
  return (
    <Dialog
      isOpen
      onClose={onClose}
      title={
        <>
          On <ShownText text={hostOf(task)} />
        </>
      }
      width="wide"
    >
      <Facts
        facts={[
          ['Endpoint', <EndpointLink key="endpoint" task={task} />],
          [
            'There',
            <Badge key="status" tone={statusWords[task.status].tone}>
              {statusWords[task.status].label}
            </Badge>,
          ],
          ['File', <ShownText key="path" text={pathOf(row)} />],
          ['Why', <ShownText key="why" text={whyOf(row)} />],
          ['Taken by the agent', task.acceptedAt === null ? null : <Moment at={task.acceptedAt} key="taken" />],
          ['Deadline there', <Moment at={task.deadline} key="deadline" />],
          ['Stopped', task.stop === null ? null : <ShownText key="stop" text={task.stop.message} />],
          ...(file === undefined ? [] : factsOf(file)),
        ]}
      />
      {file !== undefined && <FileLinks actionId={actionId} file={file} />}
      <Earlier task={task} />
      <div className="buttons">
        <Button onPress={onClose}>Close</Button>
      </div>
    </Dialog>
  );
}

function EndpointLink({ task }: { readonly task: ActionTask }) {
  return (
    <Link params={{ endpointId: task.endpointId }} to="/endpoints/$endpointId">
      <ShownText text={hostOf(task)} />
    </Link>
  );
}

function factsOf(file: FileOutcome): Parameters<typeof Facts>[0]['facts'] {
  const { details } = file;
  return [
    [
      'Outcome',
      <Badge key="outcome" tone={outcomeWords[file.outcome].tone}>
        {outcomeWords[file.outcome].label}
      </Badge>,
    ],
    ['Ended', <Moment at={file.endedAt} key="ended" />],
    ['SHA-256', file.sha256 === null ? null : <code key="hash">{file.sha256}</code>],
    ['Known before as', details.indexedSha256 === undefined ? null : <code key="was">{details.indexedSha256}</code>],
    ['Size', file.size === null ? null : bytesText(file.size)],
    ['Was at', details.originalPath === undefined ? null : <ShownText key="from" text={details.originalPath} />],
    ['Not brought back', file.losses.length === 0 ? null : <ShownText key="lost" text={file.losses.join(', ')} />],
    [
      'Still run by',
      details.running === undefined ? null : details.running.map(({ pid }) => `process ${pid}`).join(', '),
    ],
    ['Other names', details.links === undefined ? null : counted(details.links - 1, 'more link')],
    ['Package', details.package === undefined ? null : <ShownText key="package" text={details.package} />],
    ['Rule', details.rule === undefined ? null : <ShownText key="rule" text={details.rule} />],
    ['In the vault as', file.vaultObject === null ? null : <code key="object">{file.vaultObject}</code>],
  ];
}

interface FileLinksProps {
  readonly actionId: string;
  readonly file: FileOutcome;
}

function FileLinks({ actionId, file: { guid, evidence, taskId, ordinal, size, sha256 } }: FileLinksProps) {
  const mayRead = useMay('files.read');
  const maySave = useMay('evidence.download');
  return (
    <>
      {guid !== null && mayRead && (
        <p>
          <Link params={{ guid }} to="/files/$guid">
            Element details of this file
          </Link>
        </p>
      )}
      {evidence !== null && maySave && (
        <SaveFile file={{ place: { actionId, taskId, ordinal }, size: size ?? 0, sha256 }} reason={undefined} />
      )}
    </>
  );
}

function Earlier({ task }: { readonly task: ActionTask }) {
  return task.earlier.length === 0 ? null : (
    <section>
      <h3>Earlier attempts</h3>
      <ol className="plain-list">
        {task.earlier.map((attempt) => (
          <li key={attempt.id}>
            <Badge tone={statusWords[attempt.status].tone}>{statusWords[attempt.status].label}</Badge>{' '}
            {attempt.endedAt !== null && <Moment at={attempt.endedAt} />}{' '}
            <ShownText
              text={attempt.files.map(({ outcome, message }) => `${outcomeWords[outcome].label}. ${message}`).join(' ')}
            />
          </li>
        ))}
      </ol>
    </section>
  );
}
