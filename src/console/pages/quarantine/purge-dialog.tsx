import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { client } from '../../app/client.ts';
import { CopyList } from '../../app/copy-list.tsx';
import { useOrdered } from '../../app/ordered.ts';
import { heldCopiesQuery } from '../../app/queries.ts';
import { type AsRead, useAnswerAsRead, useAsRead } from '../../kit/as-read.ts';
import { Failed, Loading } from '../../kit/page-states.tsx';
import { ReasonDialog } from '../../kit/reason-dialog.tsx';
import { counted } from '../../words/amounts.ts';
import type { QuarantineRecord } from '../../words/quarantine.ts';

interface Asked {
  readonly isOpen: boolean;
  onClose(): void;
}

type Copies = readonly QuarantineRecord[];

const markOf = (copies: Copies) => copies.map(({ vaultObject }) => vaultObject).join();

/** Deletes every copy of a content that vaults hold, for good: just those that are counted. */
export function PurgeAllDialog({ sha256, isOpen, onClose }: Asked & { readonly sha256: string }) {
  const query = useQuery({ ...heldCopiesQuery(sha256), enabled: isOpen });
  const about = useAnswerAsRead(query, { isOpen, markOf });
  const what = about.asked === undefined ? 'copies' : counted(about.asked.length, 'copy', 'copies');
  return (
    <PurgeDialog about={about} isOpen={isOpen} onClose={onClose} sha256={sha256} what={what}>
      {query.error === null ? (
        <Loading what="what would be deleted" />
      ) : (
        <Failed again={() => void query.refetch()} failure={query.error} what="what would be deleted" />
      )}
    </PurgeDialog>
  );
}

/** Deletes one copy from its vault, for good. */
export function PurgeCopyDialog({ copy, isOpen, onClose }: Asked & { readonly copy: QuarantineRecord }) {
  const about = useAsRead<Copies>({ isOpen, subject: [copy] });
  return <PurgeDialog about={about} isOpen={isOpen} onClose={onClose} sha256={copy.sha256} what="this copy" />;
}

interface PurgeDialogProps extends Asked {
  readonly sha256: string;
  readonly about: AsRead<Copies>;
  /** "3 copies", "this copy". */
  readonly what: string;
  /** Stands there until it is known what it is about. */
  readonly children?: ReactNode;
}

function PurgeDialog({ sha256, about, what, isOpen, onClose, children }: PurgeDialogProps) {
  const ordered = useOrdered();
  const copies = about.asked ?? [];
  const endpointIds = [...new Set(copies.map(({ endpointId }) => endpointId))];
  return (
    <ReasonDialog
      about={about}
      act={async (reason) => {
        const action = await client.purgeVault({
          ...{ endpointIds, sha256, vaultObjects: copies.map(({ vaultObject }) => vaultObject) },
          ...(reason !== '' && { reason }),
        });
        await ordered(action, `Action ${action.id}: endpoints were told to delete ${what}.`);
      }}
      isDanger
      isOpen={isOpen}
      onClose={onClose}
      title={`Delete ${what} for good?`}
      word="Delete for good"
    >
      {about.asked === undefined ? (
        children
      ) : (
        <>
          <p>
            <strong>{counted(copies.length, 'file')}</strong> in the {endpointIds.length === 1 ? 'vault' : 'vaults'} of{' '}
            <strong>{counted(endpointIds.length, 'endpoint')}</strong>:
          </p>
          <CopyList copies={copies} label="What is deleted" />
          <p className="banner bad">
            This cannot be undone: nothing can be restored or fetched afterwards. Endpoints that are away delete it when
            they return. Just these are deleted: where one has left its vault meanwhile, nothing is ordered.
          </p>
        </>
      )}
    </ReasonDialog>
  );
}
