import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { ApiError } from '#sdk/api-error.ts';
import { client } from '../../app/client.ts';
import { useMay } from '../../app/may.ts';
import { useOrdered } from '../../app/ordered.ts';
import { Facts } from '../../kit/facts.tsx';
import { Moment } from '../../kit/moment.tsx';
import { ReasonDialog } from '../../kit/reason-dialog.tsx';
import { ShownText } from '../../kit/shown-text.tsx';
import { bytesText } from '../../words/amounts.ts';
import { instantOf } from '../../words/files.ts';
import { hostOf, type OutcomeRow, pathOf } from '../../words/outcome-rows.ts';

interface HitDialogProps {
  readonly row: OutcomeRow;
  onClose(): void;
}

/** A file that a live search found, and how to get it: also where no inventory has it. */
export function HitDialog({ row, onClose }: HitDialogProps) {
  const { task, file } = row;
  const ordered = useOrdered();
  const mayFetch = useMay('files.fetch');
  const path = pathOf(row);
  return (
    <ReasonDialog
      act={async (reason) => {
        const action = await client.retrieveFiles({
          ...{ endpointIds: [task.endpointId], paths: [path] },
          ...(reason !== '' && { reason }),
        });
        await ordered(action, `Action ${action.id} fetches the file. It can be saved from there once it is here.`);
      }}
      isOpen
      onClose={onClose}
      refusal={mayFetch ? undefined : 'Your role may not fetch files.'}
      title={
        <>
          Fetch this file from <ShownText text={hostOf(task)} />?
        </>
      }
      word="Fetch it"
    >
      <Facts
        facts={[
          ['Path', <ShownText key="path" text={path} />],
          ['Size', file?.size === null || file === undefined ? null : bytesText(file.size)],
          ['SHA-256', file?.sha256 === null || file === undefined ? null : <code key="hash">{file.sha256}</code>],
          [
            'Modified',
            file?.details.modifiedNs === undefined ? null : (
              <Moment at={instantOf(file.details.modifiedNs)} key="modified" />
            ),
          ],
          ['Run by', file?.details.running?.map(({ pid }) => `process ${pid}`).join(', ')],
        ]}
      />
      <InInventory guid={file?.guid ?? null} />
      <p className="mute">Nothing on the endpoint changes.</p>
    </ReasonDialog>
  );
}

/** Whether the server knows the file beside this find. */
function InInventory({ guid }: { readonly guid: string | null }) {
  const { data } = useQuery({
    queryKey: ['files', guid, 'is-known'],
    enabled: guid !== null,
    async queryFn() {
      try {
        return (await client.readFile(guid ?? '')).guid;
      } catch (failure) {
        if (failure instanceof ApiError && (failure.status === 404 || failure.status === 403)) {
          return null;
        }
        throw failure;
      }
    },
  });
  if (data === undefined) {
    return null;
  }
  return data === null ? (
    <p>It is outside what the agent inventories: the search alone knows of it.</p>
  ) : (
    <p>
      <Link params={{ guid: data }} to="/files/$guid">
        Element details of this file
      </Link>
    </p>
  );
}
