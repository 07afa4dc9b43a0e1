import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { client } from '../../app/client.ts';
import { useMay } from '../../app/may.ts';
import { Button } from '../../kit/button.tsx';
import type { File } from '../../words/files.ts';
import { DownloadButton } from './download.tsx';
import { ListButtons, useListing } from './listing.tsx';
import { QuarantineEverywhere, QuarantineHere } from './quarantine-dialogs.tsx';
import { RestoreDialog } from './restore-dialog.tsx';

type Question = 'quarantine' | 'everywhere' | 'restore' | 'restoreAll';

interface ElementButtonsProps {
  readonly file: File;
  readonly hostName: string;
}

/** How many copies vaults hold anywhere. */
function useHeld({ sha256 }: File): number {
  const { data } = useQuery({
    queryKey: ['quarantine', 'count', sha256],
    queryFn: () => client.listQuarantine({ sha256: [sha256], state: ['held'], limit: 1 }),
  });
  return data?.total ?? 0;
}

/** What can be done with a file on its endpoint, and with all its copies. */
export function ElementButtons({ file, hostName }: ElementButtonsProps) {
  const [question, setQuestion] = useState<Question>();
  const mayTake = useMay('files.quarantine');
  const mayRestore = useMay('files.restore');
  const held = useHeld(file);
  const isBlocked = useListing(file)?.list === 'block';
  const asked = { file, hostName, onClose: () => setQuestion(undefined) };
  const take = mayTake ? undefined : 'Your role may not quarantine.';
  const restore = mayRestore ? undefined : 'Your role may not restore.';
  return (
    <div className="element-buttons">
      <DownloadButton file={file} hostName={hostName} />
      {file.state === 'present' && (
        <Button onPress={() => setQuestion('quarantine')} refusal={take}>
          Quarantine here
        </Button>
      )}
      <Button onPress={() => setQuestion('everywhere')} refusal={take}>
        Quarantine everywhere
      </Button>
      {file.state === 'quarantined' && (
        <Button onPress={() => setQuestion('restore')} refusal={restore}>
          Restore here
        </Button>
      )}
      {held > 0 && (
        <Button onPress={() => setQuestion('restoreAll')} refusal={restore}>
          Restore everywhere
        </Button>
      )}
      <ListButtons file={file} />
      <QuarantineHere {...asked} isOpen={question === 'quarantine'} />
      <QuarantineEverywhere {...asked} isOpen={question === 'everywhere'} />
      <RestoreDialog {...asked} {...{ isBlocked }} isEverywhere={false} isOpen={question === 'restore'} />
      <RestoreDialog {...asked} {...{ isBlocked }} isEverywhere isOpen={question === 'restoreAll'} />
    </div>
  );
}
