import { client } from '../../app/client.ts';
import { tell } from '../../kit/notices.tsx';
import { ReasonDialog } from '../../kit/reason-dialog.tsx';
import { counted } from '../../words/amounts.ts';
import { type ActionDetails, hasBegun } from '../../words/outcomes.ts';
import { isOpen as isOpenStatus } from '../../words/statuses.ts';

interface CloseDialogProps {
  readonly action: ActionDetails;
  readonly isOpen: boolean;
  onClose(): void;
  changed(): Promise<void>;
}

/** Ends a fetch for its clients: nothing more comes, and nothing that has come goes. */
export function CloseDialog({ action, isOpen, onClose, changed }: CloseDialogProps) {
  const open = action.tasks.filter(({ status }) => isOpenStatus(status));
  const begun = open.filter(hasBegun).length;
  const untold = open.length - begun;
  return (
    <ReasonDialog
      act={async () => {
        await client.closeAction(action.id);
        await changed();
        tell('The fetch is closed. What it brought is kept.');
      }}
      isDanger
      isOpen={isOpen}
      onClose={onClose}
      takesReason={false}
      title="Close this fetch?"
      word="Close it"
    >
      {untold > 0 && (
        <p>{counted(untold, 'endpoint')} without the order: it is withdrawn, and nothing comes from there.</p>
      )}
      {begun > 0 && (
        <p>
          {counted(begun, 'endpoint')} with the order: asked to stop between files; a file that is on its way still
          comes.
        </p>
      )}
      <p>
        Nothing is deleted: files that have come stay as evidence, and can be saved from here as before. The action
        stays in the Action Center, and its record with it.
      </p>
      <p>
        Connectors that speak Cybereason’s API do not see its files any more. It cannot be opened again, nor retried:
        what is missing has to be ordered anew.
      </p>
    </ReasonDialog>
  );
}
