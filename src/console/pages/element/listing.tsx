import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { client } from '../../app/client.ts';
import { useMay } from '../../app/may.ts';
import { previewQuery } from '../../app/queries.ts';
import { useAnswerAsRead } from '../../kit/as-read.ts';
import { Button } from '../../kit/button.tsx';
import { Checkbox } from '../../kit/fields.tsx';
import { tell } from '../../kit/notices.tsx';
import { ReasonDialog } from '../../kit/reason-dialog.tsx';
import { counted } from '../../words/amounts.ts';
import type { File } from '../../words/files.ts';
import { touchedMark } from './quarantine-dialogs.tsx';

export type List = 'block' | 'allow';

/** What the team decided about the file's hash; undefined while that is not known, or not to be seen. */
export function useListing({ sha256 }: Pick<File, 'sha256'>) {
  const may = useMay('lists.read');
  const { data } = useQuery({
    queryKey: ['hashes', sha256],
    queryFn: () => client.findListedHashes({ hash: [sha256] }),
    enabled: may,
  });
  return data?.items[0];
}

const refusal = 'Your role may not block or allow hashes.';

/** Decides about the file's hash, for every endpoint, now and later. */
export function ListButtons({ file }: { readonly file: File }) {
  const listing = useListing(file);
  const mayManage = useMay('lists.manage');
  const [asked, setAsked] = useState<List | 'forget'>();
  const refused = mayManage ? undefined : refusal;
  const close = () => setAsked(undefined);
  return (
    <>
      {listing?.list !== 'block' && (
        <Button onPress={() => setAsked('block')} refusal={refused}>
          Block
        </Button>
      )}
      {listing?.list !== 'allow' && (
        <Button onPress={() => setAsked('allow')} refusal={refused}>
          Allow
        </Button>
      )}
      {listing !== undefined && (
        <Button onPress={() => setAsked('forget')} refusal={refused}>
          {listing.list === 'block' ? 'Block no longer' : 'Allow no longer'}
        </Button>
      )}
      <BlockDialog file={file} isOpen={asked === 'block'} onClose={close} />
      <AllowDialog file={file} isOpen={asked === 'allow'} onClose={close} />
      <ForgetDialog file={file} isOpen={asked === 'forget'} list={listing?.list ?? 'block'} onClose={close} />
    </>
  );
}

interface Asked {
  readonly file: File;
  readonly isOpen: boolean;
  onClose(): void;
}

function useChanged() {
  const queries = useQueryClient();
  return () => queries.invalidateQueries({ queryKey: ['hashes'] });
}

function BlockDialog({ file: { sha256 }, isOpen, onClose }: Asked) {
  const changed = useChanged();
  const mayTake = useMay('files.quarantine');
  const [takesAll, setTakesAll] = useState(false);
  const query = useQuery({ ...previewQuery(sha256), enabled: isOpen });
  const about = useAnswerAsRead(query, { isOpen, markOf: touchedMark });
  const preview = about.asked;
  const copies =
    preview === undefined
      ? 'the copies that are there now'
      : `the ${counted(preview.seen.files, 'copy', 'copies')} on ${counted(preview.seen.endpoints, 'endpoint')} that are there now`;
  return (
    <ReasonDialog
      {...(takesAll && { about })}
      act={async (reason) => {
        const { refused, actions } = await client.listHashes({
          ...{ hashes: [sha256], list: 'block', comment: reason, quarantineExisting: takesAll },
          ...(reason !== '' && { reason }),
        });
        const [refusedHash] = refused;
        if (refusedHash !== undefined) {
          throw new Error(refusedHash.message);
        }
        await changed();
        tell(
          actions.length === 0
            ? 'The hash is blocked.'
            : `The hash is blocked; action ${actions[0]?.id} takes the copies.`,
        );
      }}
      isDanger
      isOpen={isOpen}
      onClose={onClose}
      title="Block this file everywhere?"
      word="Block it"
    >
      <p>
        On every endpoint, now and later: a new file with the SHA-256 <code>{sha256}</code> is quarantined as it
        appears. It can be taken off the list again; what was quarantined until then can be restored.
      </p>
      {mayTake && (
        <Checkbox isSelected={takesAll} onChange={setTakesAll}>
          Quarantine {copies}, too
        </Checkbox>
      )}
    </ReasonDialog>
  );
}

function AllowDialog({ file: { sha256 }, isOpen, onClose }: Asked) {
  const changed = useChanged();
  return (
    <ReasonDialog
      act={async (reason) => {
        await client.listHashes({
          ...{ hashes: [sha256], list: 'allow', comment: reason },
          ...(reason !== '' && { reason }),
        });
        await changed();
        tell('The hash is allowed.');
      }}
      isOpen={isOpen}
      onClose={onClose}
      title="Allow this file everywhere?"
      word="Allow it"
    >
      <p>
        Nothing quarantines the SHA-256 <code>{sha256}</code> by itself any more. What is in vaults stays there until it
        is restored.
      </p>
    </ReasonDialog>
  );
}

function ForgetDialog({ file: { sha256 }, isOpen, onClose, list }: Asked & { readonly list: List }) {
  const changed = useChanged();
  return (
    <ReasonDialog
      act={async () => {
        await client.forgetHashes({ hashes: [sha256] });
        await changed();
        tell('The hash is on no list any more.');
      }}
      isOpen={isOpen}
      onClose={onClose}
      takesReason={false}
      title={`Take this file off the ${list} list?`}
      word="Take it off"
    >
      <p>
        {list === 'block'
          ? 'New copies are not quarantined any more. What is in vaults stays there.'
          : 'It is judged like any other file from now on.'}
      </p>
    </ReasonDialog>
  );
}
