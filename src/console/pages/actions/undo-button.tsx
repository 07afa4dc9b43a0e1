import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { client } from '../../app/client.ts';
import { useMay } from '../../app/may.ts';
import { Button } from '../../kit/button.tsx';
import { tell } from '../../kit/notices.tsx';
import { ReasonDialog } from '../../kit/reason-dialog.tsx';
import { counted } from '../../words/amounts.ts';
import { type ActionDetails, mayHaveTaken } from '../../words/outcomes.ts';

interface OfQuarantine {
  readonly action: ActionDetails;
}

/** Takes a quarantine back, where there is anything to take back. */
export function UndoButton({ action }: OfQuarantine) {
  const [isAsking, setAsking] = useState(false);
  const refusal = useRefusal(action);
  return (
    <>
      <Button onPress={() => setAsking(true)} refusal={refusal}>
        Undo
      </Button>
      {isAsking && <UndoDialog action={action} close={() => setAsking(false)} />}
    </>
  );
}

function useRefusal(action: ActionDetails): string | undefined {
  const mayRestore = useMay('files.restore');
  const mayRead = useMay('files.read');
  const held = useHeld(action);
  if (!mayRestore) {
    return 'Your role may not restore.';
  }
  if (!mayRead || action.tasks.some(mayHaveTaken)) {
    return undefined;
  }
  if (held === undefined) {
    return 'It is not known yet what vaults hold of it.';
  }
  return held === 0 ? 'No vault holds anything that it took.' : undefined;
}

/** How many files vaults hold now that it took; undefined: not known. */
function useHeld({ id }: ActionDetails): number | undefined {
  const { data } = useQuery({
    queryKey: ['quarantine', 'taken-by', id],
    queryFn: () => client.listQuarantine({ actionId: [id], state: ['held'], limit: 1 }),
    enabled: useMay('files.read'),
  });
  return data?.total;
}

function UndoDialog({ action, close }: OfQuarantine & { close(): void }) {
  const queries = useQueryClient();
  const navigate = useNavigate();
  const held = useHeld(action);
  const unknown = action.tasks.filter(mayHaveTaken).length;
  return (
    <ReasonDialog
      act={async (reason) => {
        const { undo, withdrawn, removed } = await client.undoAction(action.id, reason === '' ? {} : { reason });
        await Promise.all(['actions', 'quarantine'].map((root) => queries.invalidateQueries({ queryKey: [root] })));
        const begun = undo === null ? 'Nothing had been taken.' : 'The undo is under way.';
        tell(`${begun}${withdrawnText(withdrawn)}${removedText(removed)}`);
        if (undo !== null) {
          await navigate({ to: '/actions/$actionId', params: { actionId: undo.id } });
        }
      }}
      isOpen
      onClose={close}
      title={titleOf(held)}
      word="Undo the quarantine"
    >
      {held !== undefined && held > 0 && (
        <p>
          {counted(held, 'file')} that this quarantine took {held === 1 ? 'is' : 'are'} in vaults now. Each returns to
          its place; on endpoints that are away when they return.
        </p>
      )}
      {unknown > 0 && (
        <p>
          {counted(unknown, 'endpoint')} did not say for certain what was done there: whatever was taken there returns,
          too. What waits is withdrawn.
        </p>
      )}
      <p className="mute">What was restored or deleted since, and what other orders took, stays as it is.</p>
    </ReasonDialog>
  );
}

function titleOf(held = 0): string {
  return held === 0
    ? 'Undo this quarantine?'
    : `Bring ${counted(held, 'file')} back to where ${held === 1 ? 'it was' : 'they were'}?`;
}

function withdrawnText(endpoints: number): string {
  return endpoints === 0 ? '' : ` Withdrawn from ${counted(endpoints, 'endpoint')}.`;
}

function removedText(endpoints: number): string {
  return endpoints === 0
    ? ''
    : ` ${counted(endpoints, 'endpoint')} were removed since: no order reaches what their vaults hold.`;
}
