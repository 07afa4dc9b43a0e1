import { client } from '../../app/client.ts';
import { tell } from '../../kit/notices.tsx';
import { ReasonDialog } from '../../kit/reason-dialog.tsx';
import { counted } from '../../words/amounts.ts';
import { type ActionDetails, hasBegun } from '../../words/outcomes.ts';
import { isOpen as isOpenStatus, verbWords } from '../../words/statuses.ts';

interface StopDialogProps {
  readonly action: ActionDetails;
  readonly isOpen: boolean;
  onClose(): void;
  changed(): Promise<void>;
}

/** Cancels where nothing has begun, and aborts where it has: the server does both in one act. */
export function StopDialog({ action, isOpen, onClose, changed }: StopDialogProps) {
  const open = action.tasks.filter(({ status }) => isOpenStatus(status));
  const begun = open.filter(hasBegun).length;
  const word = begun > 0 ? 'Abort' : 'Cancel';
  return (
    <ReasonDialog
      act={async () => {
        const { withdrawn, asked, tooLate } = await client.cancelAction(action.id);
        await changed();
        const late = tooLate === 0 ? '' : ` On ${counted(tooLate, 'endpoint')} it had ended before.`;
        tell(
          `Withdrawn from ${counted(withdrawn, 'endpoint')}; ${counted(asked, 'endpoint')} asked to stop, what each says stands beside it.${late}`,
        );
      }}
      isDanger
      isOpen={isOpen}
      onClose={onClose}
      takesReason={false}
      title={`${word} “${verbWords[action.verb]}” on ${counted(open.length, 'endpoint')}?`}
      word={`${word} it`}
    >
      <p>{counted(open.length - begun, 'endpoint')} without the order: it is withdrawn, and nothing is done there.</p>
      <p>
        {counted(begun, 'endpoint')} with the order: asked to stop between files. What was done stays done; it is told
        here, and can be undone afterwards.
      </p>
    </ReasonDialog>
  );
}
