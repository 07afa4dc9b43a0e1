import { type FormEvent, type ReactNode, useState } from 'react';
import { Button } from './button.tsx';
import { Dialog } from './dialog.tsx';
import { TextField } from './fields.tsx';

export interface ReasonDialogProps {
  /** A question that names what is done: "Cancel the quarantine on 12 endpoints?" */
  readonly title: string;
  /** On the button that does it. */
  readonly word: string;
  readonly isDanger?: boolean;
  readonly needsReason?: boolean;
  /** False: the server keeps no reason for this. */
  readonly takesReason?: boolean;
  readonly isOpen: boolean;
  readonly children: ReactNode;
  onClose(): void;
  /** @throws what is shown to the person, who may try again */
  act(reason: string): Promise<void>;
}

/** Says exactly what will be touched, asks why, and does it. A refusal stays in the dialog, beside what was typed. */
export function ReasonDialog(props: ReasonDialogProps) {
  const {
    title,
    word,
    isDanger = false,
    needsReason = false,
    takesReason = true,
    isOpen,
    children,
    onClose,
    act,
  } = props;
  const [reason, setReason] = useState('');
  const [refusal, setRefusal] = useState<string>();
  const [isBusy, setBusy] = useState(false);
  const close = () => {
    setReason('');
    setRefusal(undefined);
    onClose();
  };
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    setRefusal(undefined);
    try {
      await act(reason.trim());
      close();
    } catch (failure) {
      setRefusal(failure instanceof Error ? failure.message : String(failure));
    } finally {
      setBusy(false);
    }
  };
  return (
    <Dialog isAlert={isDanger} isOpen={isOpen} onClose={close} title={title}>
      <form onSubmit={(event) => void submit(event)}>
        {children}
        {takesReason && (
          <TextField
            isRequired={needsReason}
            label={needsReason ? 'Reason' : 'Reason (optional)'}
            onChange={setReason}
            value={reason}
          />
        )}
        {refusal !== undefined && (
          <p className="field-error" role="alert">
            {refusal}
          </p>
        )}
        <div className="buttons">
          <Button onPress={close}>Leave it</Button>
          <Button isPending={isBusy} look={isDanger ? 'danger' : 'main'} type="submit">
            {word}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
