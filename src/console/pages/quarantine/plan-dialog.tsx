import { useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { client } from '../../app/client.ts';
import { ReasonDialog } from '../../kit/reason-dialog.tsx';
import { ShownText } from '../../kit/shown-text.tsx';
import type { QuarantineRecord } from '../../words/quarantine.ts';

interface PlanDialogProps {
  readonly sha256: string;
  /** Undefined: every copy. */
  readonly copy?: QuarantineRecord;
  /** "3 copies", "this copy". */
  readonly what: string;
  readonly isOpen: boolean;
  onClose(): void;
}

/** Before a restore its plan: endpoints are asked what they would meet, and nothing is changed. */
export function PlanDialog({ sha256, copy, what, isOpen, onClose }: PlanDialogProps) {
  const queries = useQueryClient();
  const navigate = useNavigate();
  return (
    <ReasonDialog
      act={async (reason) => {
        const { id } = await client.planRestore({
          sha256,
          ...(copy !== undefined && { endpointId: copy.endpointId, vaultObject: copy.vaultObject }),
          ...(reason !== '' && { reason }),
        });
        await queries.invalidateQueries({ queryKey: ['actions'] });
        await navigate({ to: '/quarantine/plans/$actionId', params: { actionId: id } });
      }}
      isOpen={isOpen}
      onClose={onClose}
      title={`Plan the restore of ${what}?`}
      word="Ask the endpoints"
    >
      {copy !== undefined && (
        <p>
          <ShownText text={copy.path} /> on <ShownText text={copy.hostName ?? copy.endpointId} />
        </p>
      )}
      <p>
        Nothing is restored yet. The endpoints say what they would meet: whether each place is free, taken or gone. You
        decide when you see it.
      </p>
    </ReasonDialog>
  );
}
