import { useQuery } from '@tanstack/react-query';
import { client } from '../../app/client.ts';
import { useOrdered } from '../../app/ordered.ts';
import { Answered } from '../../kit/page-states.tsx';
import { ReasonDialog } from '../../kit/reason-dialog.tsx';
import { ShownText } from '../../kit/shown-text.tsx';
import { counted } from '../../words/amounts.ts';
import type { QuarantineRecord } from '../../words/quarantine.ts';

interface PurgeDialogProps {
  readonly sha256: string;
  /** Undefined: every copy. */
  readonly copy?: QuarantineRecord;
  readonly isOpen: boolean;
  onClose(): void;
}

const pageSize = 1_000;
const mostNamed = 20;

/** Every held copy, however many pages that takes: what is deleted for good is counted whole before it is. */
async function heldCopies(sha256: string): Promise<readonly QuarantineRecord[]> {
  const held: QuarantineRecord[] = [];
  for (;;) {
    const { items, total } = await client.listQuarantine({
      ...{ sha256: [sha256], state: ['held'], offset: held.length, limit: pageSize },
    });
    held.push(...items);
    if (items.length === 0 || held.length >= total) {
      return held;
    }
  }
}

/** Deletes copies from their vaults, for good. */
export function PurgeDialog({ sha256, copy, isOpen, onClose }: PurgeDialogProps) {
  const ordered = useOrdered();
  const query = useQuery({
    queryKey: ['quarantine', 'held', sha256, copy?.vaultObject],
    queryFn: () => (copy === undefined ? heldCopies(sha256) : [copy]),
    enabled: isOpen,
    staleTime: 0,
  });
  const copies = query.data ?? [];
  const endpointIds = [...new Set(copies.map(({ endpointId }) => endpointId))];
  const what = copy === undefined ? counted(copies.length, 'copy', 'copies') : 'this copy';
  return (
    <ReasonDialog
      act={async (reason) => {
        if (query.data === undefined) {
          throw new Error('It is not known yet what this would delete.');
        }
        const action = await client.purgeVault({
          ...{ endpointIds, sha256 },
          ...(copy !== undefined && { vaultObject: copy.vaultObject }),
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
      <Answered query={query} what="what would be deleted">
        {(held) => (
          <>
            <p>
              <strong>{counted(held.length, 'file')}</strong> in the {endpointIds.length === 1 ? 'vault' : 'vaults'} of{' '}
              <strong>{counted(endpointIds.length, 'endpoint')}</strong>:
            </p>
            <CopyList copies={held} />
            <p className="banner bad">
              This cannot be undone: nothing can be restored or fetched afterwards. Endpoints that are away delete it
              when they return.
            </p>
          </>
        )}
      </Answered>
    </ReasonDialog>
  );
}

function CopyList({ copies }: { readonly copies: readonly QuarantineRecord[] }) {
  return (
    <ul aria-label="What is deleted" className="plain-list scrolled" role="list">
      {copies.slice(0, mostNamed).map(({ vaultObject, hostName, endpointId, path }) => (
        <li key={vaultObject}>
          <ShownText text={hostName ?? endpointId} />: <ShownText text={path} />
        </li>
      ))}
      {copies.length > mostNamed && <li className="mute">and {copies.length - mostNamed} more</li>}
    </ul>
  );
}
