import { type FormEvent, type ReactNode, useState } from 'react';
import { Button } from './button.tsx';
import { Dialog } from './dialog.tsx';

export interface FormDialogProps {
  readonly title: string;
  /** On the button that does it. */
  readonly word: string;
  readonly isDanger?: boolean;
  readonly width?: 'narrow' | 'wide';
  readonly isOpen: boolean;
  readonly children: ReactNode;
  onClose(): void;
  /** @throws what is shown to the person, who may try again */
  act(): Promise<void>;
}

/** A form in a dialog. A refusal stays in it, beside what was typed. */
export function FormDialog(props: FormDialogProps) {
  const { title, word, isDanger = false, width = 'narrow', isOpen, children, onClose, act } = props;
  const [refusal, setRefusal] = useState<string>();
  const [isBusy, setBusy] = useState(false);
  const close = () => {
    setRefusal(undefined);
    onClose();
  };
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    setRefusal(undefined);
    try {
      await act();
      close();
    } catch (failure) {
      setRefusal(failure instanceof Error ? failure.message : String(failure));
    } finally {
      setBusy(false);
    }
  };
  return (
    <Dialog isAlert={isDanger} isOpen={isOpen} onClose={close} title={title} width={width}>
      <form onSubmit={(event) => void submit(event)}>
        {children}
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
