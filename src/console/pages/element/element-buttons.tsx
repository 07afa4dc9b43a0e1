import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { client } from '../../app/client.ts';
import { useMay } from '../../app/may.ts';
import { Button } from '../../kit/button.tsx';
import { ReasonDialog } from '../../kit/reason-dialog.tsx';
import { ShownText } from '../../kit/shown-text.tsx';
import { counted } from '../../words/amounts.ts';
import type { File } from '../../words/files.ts';

type Question = 'quarantine' | 'everywhere' | 'restore';

interface Asked {
  readonly file: File;
  readonly isOpen: boolean;
  onClose(): void;
}

export function ElementButtons({ file }: { readonly file: File }) {
  const [question, setQuestion] = useState<Question>();
  const mayTake = useMay('files.quarantine');
  const mayRestore = useMay('files.restore');
  const close = () => setQuestion(undefined);
  const refusal = mayTake ? undefined : 'Your role may not quarantine.';
  return (
    <>
      {file.state === 'present' && (
        <>
          <Button onPress={() => setQuestion('quarantine')} refusal={refusal}>
            Quarantine here
          </Button>
          <Button onPress={() => setQuestion('everywhere')} refusal={refusal}>
            Quarantine everywhere
          </Button>
        </>
      )}
      {file.state === 'quarantined' && (
        <Button onPress={() => setQuestion('restore')} refusal={mayRestore ? undefined : 'Your role may not restore.'}>
          Restore
        </Button>
      )}
      <QuarantineHere file={file} isOpen={question === 'quarantine'} onClose={close} />
      <QuarantineEverywhere file={file} isOpen={question === 'everywhere'} onClose={close} />
      <RestoreHere file={file} isOpen={question === 'restore'} onClose={close} />
    </>
  );
}

/** Leads to the action that was just ordered. */
function useOrdered(): (actionId: string) => Promise<void> {
  const queries = useQueryClient();
  const navigate = useNavigate();
  return async (actionId) => {
    await queries.invalidateQueries({ queryKey: ['actions'] });
    await navigate({ to: '/actions/$actionId', params: { actionId } });
  };
}

function QuarantineHere({ file: { endpointId, path, sha256 }, isOpen, onClose }: Asked) {
  const ordered = useOrdered();
  return (
    <ReasonDialog
      act={async (reason) => {
        const { id } = await client.quarantineFile({
          ...{ endpointIds: [endpointId], path, sha256 },
          ...(reason !== '' && { reason }),
        });
        await ordered(id);
      }}
      isDanger
      isOpen={isOpen}
      onClose={onClose}
      title="Quarantine this file on this endpoint?"
      word="Quarantine"
    >
      <p>
        <ShownText text={path} />
      </p>
      <p>It goes into the endpoint’s vault, and can be restored as it was. Other copies stay where they are.</p>
    </ReasonDialog>
  );
}

function QuarantineEverywhere({ file: { sha256 }, isOpen, onClose }: Asked) {
  const ordered = useOrdered();
  const { data: preview } = useQuery({
    queryKey: ['quarantine', 'preview', sha256],
    queryFn: () => client.previewQuarantine({ sha256 }),
    enabled: isOpen,
  });
  return (
    <ReasonDialog
      act={async (reason) => {
        if (preview === undefined) {
          throw new Error('It is not known yet what this would touch.');
        }
        const { id } = await client.quarantineFile({
          ...{ endpointIds: 'holders', targetDigest: preview.targets.digest, path: null, sha256 },
          ...(reason !== '' && { reason }),
        });
        await ordered(id);
      }}
      isDanger
      isOpen={isOpen}
      onClose={onClose}
      title="Quarantine every copy in the fleet?"
      word="Quarantine all of them"
    >
      {preview === undefined ? (
        <p>Counting what it would touch …</p>
      ) : (
        <p>
          <strong>{counted(preview.targets.endpoints, 'endpoint')}</strong> of{' '}
          {counted(preview.fleet.endpoints, 'endpoint')} would give this file up. Just these are asked: where a copy
          came or went meanwhile, nothing is ordered.
        </p>
      )}
    </ReasonDialog>
  );
}

function RestoreHere({ file: { endpointId, path, sha256 }, isOpen, onClose }: Asked) {
  const ordered = useOrdered();
  return (
    <ReasonDialog
      act={async (reason) => {
        const { id } = await client.restoreFile({ endpointId, sha256, ...(reason !== '' && { reason }) });
        await ordered(id);
      }}
      isOpen={isOpen}
      onClose={onClose}
      title="Restore this file on this endpoint?"
      word="Restore"
    >
      <p>
        <ShownText text={path} />
      </p>
      <p>Where something else has its name, nothing is done and the action says so.</p>
    </ReasonDialog>
  );
}
