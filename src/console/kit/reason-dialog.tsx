import { useState } from 'react';
import { TextField } from './fields.tsx';
import { FormDialog, type FormDialogProps } from './form-dialog.tsx';

export interface ReasonDialogProps extends Omit<FormDialogProps, 'act'> {
  readonly needsReason?: boolean;
  /** False: the server keeps no reason for this. */
  readonly takesReason?: boolean;
  /** @throws what is shown to the person, who may try again */
  act(reason: string): Promise<void>;
}

/** Says exactly what will be touched, asks why, and does it. Its title is a question that names what is done. */
export function ReasonDialog(props: ReasonDialogProps) {
  const { needsReason = false, takesReason = true, children, act, onClose, ...form } = props;
  const [reason, setReason] = useState('');
  const close = () => {
    setReason('');
    onClose();
  };
  return (
    <FormDialog {...form} act={() => act(reason.trim())} onClose={close}>
      {children}
      {takesReason && (
        <TextField
          isRequired={needsReason}
          label={needsReason ? 'Reason' : 'Reason (optional)'}
          onChange={setReason}
          value={reason}
        />
      )}
    </FormDialog>
  );
}
