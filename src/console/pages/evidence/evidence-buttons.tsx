import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { client } from '../../app/client.ts';
import { useMay } from '../../app/may.ts';
import { saveEvidence } from '../../app/save-evidence.ts';
import { Button } from '../../kit/button.tsx';
import { Checkbox, Select, TextField } from '../../kit/fields.tsx';
import { tell } from '../../kit/notices.tsx';
import { ReasonDialog } from '../../kit/reason-dialog.tsx';
import { saveStream } from '../../kit/save-file.ts';
import { ShownText } from '../../kit/shown-text.tsx';
import { bytesText, counted } from '../../words/amounts.ts';
import type { Evidence, EvidenceSource } from '../../words/evidence.ts';

type Question = 'download' | 'bundle' | 'delete';

interface ButtonsProps {
  readonly evidence: Evidence;
  readonly source: EvidenceSource;
}

interface DialogProps extends ButtonsProps {
  readonly isOpen: boolean;
  onClose(): void;
}

export function EvidenceButtons({ evidence, source }: ButtonsProps) {
  const [question, setQuestion] = useState<Question>();
  const mayDownload = useMay('evidence.download');
  const mayReadEvents = useMay('events.read');
  const deletionRefusal = useDeletionRefusal(evidence);
  const close = () => setQuestion(undefined);
  const dialogs = { evidence, source, onClose: close };
  return (
    <>
      {evidence.state === 'kept' && (
        <Button
          look="main"
          onPress={() => setQuestion('download')}
          refusal={mayDownload ? undefined : 'Your role may not download evidence.'}
        >
          Download …
        </Button>
      )}
      <Button
        onPress={() => setQuestion('bundle')}
        refusal={mayReadEvents ? undefined : 'A bundle holds the record of events, which your role may not read.'}
      >
        Export a bundle …
      </Button>
      {evidence.state !== 'deleted' && (
        <Button onPress={() => setQuestion('delete')} refusal={deletionRefusal}>
          Delete the bytes …
        </Button>
      )}
      <DownloadDialog {...dialogs} isOpen={question === 'download'} />
      <BundleDialog {...dialogs} isOpen={question === 'bundle'} />
      <DeleteDialog {...dialogs} isOpen={question === 'delete'} />
    </>
  );
}

function useDeletionRefusal({ heldBy }: Evidence): string | undefined {
  const mayDelete = useMay('evidence.delete');
  if (!mayDelete) {
    return 'Your role may not delete evidence.';
  }
  return heldBy.length === 0 ? undefined : `Incident ${heldBy.join(', ')} is on hold and keeps these bytes.`;
}

function DownloadDialog({ evidence, source, isOpen, onClose }: DialogProps) {
  const queries = useQueryClient();
  const { actionId, taskId, ordinal } = source;
  return (
    <ReasonDialog
      act={async (reason) => {
        const { size, sha256 } = evidence;
        const file = { place: { actionId, taskId, ordinal }, size, sha256 };
        tell(await saveEvidence(file, { reason: reason === '' ? undefined : reason }));
        await queries.invalidateQueries({ queryKey: ['events'] });
      }}
      isOpen={isOpen}
      mayLeave
      onClose={onClose}
      title="Download this file?"
      word={`Download ${bytesText(evidence.size)}`}
    >
      <p>
        <ShownText text={source.path ?? evidence.sha256} />
      </p>
      <p>
        You get the file just as it was on the endpoint. It may do harm where it is opened, and scanners may take it
        away: a bundle with a password is safer to carry.
      </p>
      <p className="mute">Who took it, when, why and from where goes on the record.</p>
    </ReasonDialog>
  );
}

type BundleKind = 'action' | 'file' | 'incident';

/** What a bundle of this place can be about. */
function useSubjects({ actionId, taskId, ordinal, incidentId }: EvidenceSource) {
  const { data: action } = useQuery({
    queryKey: ['actions', actionId],
    queryFn: () => client.readAction(actionId),
  });
  const files = action?.tasks.flatMap((task) => task.files) ?? [];
  const guid = files.find((file) => file.taskId === taskId && file.ordinal === ordinal)?.guid ?? null;
  const subjects: readonly { readonly kind: BundleKind; readonly id: string; readonly label: string }[] = [
    { kind: 'action', id: actionId, label: 'The whole fetch, with all its files' },
    ...(guid === null
      ? []
      : [{ kind: 'file' as const, id: guid, label: 'This file on its endpoint, whatever was done with it' }]),
    ...(incidentId === null
      ? []
      : [{ kind: 'incident' as const, id: incidentId, label: `All of incident ${incidentId}` }]),
  ];
  return subjects;
}

function BundleDialog({ source, isOpen, onClose }: DialogProps) {
  const queries = useQueryClient();
  const subjects = useSubjects(source);
  const [kind, setKind] = useState<string>('action');
  const [hasFiles, setHasFiles] = useState(true);
  const [password, setPassword] = useState('');
  const subject = subjects.find((each) => each.kind === kind) ?? subjects[0];
  return (
    <ReasonDialog
      act={async (reason) => {
        if (subject === undefined) {
          throw new Error('There is nothing to make a bundle of.');
        }
        const download = await client.exportBundle({
          ...{ subject: { kind: subject.kind, id: subject.id }, evidence: hasFiles },
          ...(password !== '' && { password }),
          ...(reason !== '' && { reason }),
        });
        const size = await saveStream(download, `custody-${subject.kind}-${subject.id}.zip`);
        tell(`The bundle has come, ${bytesText(size)}; the browser has saved it.`);
        setPassword('');
        await queries.invalidateQueries({ queryKey: ['events'] });
      }}
      isOpen={isOpen}
      mayLeave
      onClose={onClose}
      title="Export a bundle?"
      word="Export"
    >
      <p>
        A ZIP that proves what happened: events with their proofs, the agents’ signed reports, a report for people.
        Anybody can check it without this server, with <code>custody verify</code>.
      </p>
      <p className="mute">
        It comes through the browser’s memory. A bundle of many gigabytes is for <code>custody evidence export</code>.
      </p>
      <Select
        choices={subjects.map((each) => ({ value: each.kind, label: each.label }))}
        label="What it is about"
        onChange={setKind}
        value={kind}
      />
      <Checkbox isSelected={hasFiles} onChange={setHasFiles}>
        With the files themselves
      </Checkbox>
      <TextField
        autoComplete="off"
        help="Encrypts what is in the ZIP, so that no scanner on the way takes a file away."
        label="Password (optional)"
        onChange={setPassword}
        type="password"
        value={password}
      />
    </ReasonDialog>
  );
}

function DeleteDialog({ evidence, isOpen, onClose }: DialogProps) {
  const queries = useQueryClient();
  const { sha256, size, sourcesCount } = evidence;
  return (
    <ReasonDialog
      act={async (reason) => {
        await client.deleteEvidence(sha256, { reason });
        tell('The bytes are deleted. What is known of them stays.');
        await queries.invalidateQueries({ queryKey: ['evidence'] });
      }}
      isDanger
      isOpen={isOpen}
      needsReason
      onClose={onClose}
      title="Delete these bytes for good?"
      word="Delete for good"
    >
      <p>
        <strong>{bytesText(size)}</strong> on this server, which {counted(sourcesCount, 'fetch', 'fetches')} brought or
        needed:
      </p>
      <p>
        <code className="hash">{sha256}</code>
      </p>
      <p className="banner bad">
        This cannot be undone. Nobody can download or look at them afterwards. Their hash, where they are from and who
        deleted them stay on the record. Files on endpoints are not touched.
      </p>
    </ReasonDialog>
  );
}
