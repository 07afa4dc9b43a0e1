import type { ReactNode } from 'react';
import { useActing } from './acting.ts';
import type { AsRead } from './as-read.ts';
import { Button } from './button.tsx';
import { Dialog, type DialogProps } from './dialog.tsx';
import { ShownText } from './shown-text.tsx';

export interface FormDialogProps extends Omit<DialogProps, 'isAlert'> {
  /** On the button that does it. */
  readonly word: string;
  readonly isDanger?: boolean;
  /** What it is about: nothing is done before that is known, nor after it has changed, until the person has looked again. */
  readonly about?: AsRead<unknown>;
  /** Why it cannot be done now. */
  readonly refusal?: string | undefined;
  /** Whether it goes on when the dialog is closed; else the dialog stays until it is known what came of it. */
  readonly mayLeave?: boolean;
  readonly children: ReactNode;
  onClose(): void;
  /** @throws what is shown to the person, who may try again */
  act(): Promise<void>;
}

/** A form in a dialog. A failure stays in it, beside what was typed. */
export function FormDialog(props: FormDialogProps) {
  const { word, isDanger = false, about, mayLeave = false, refusal, children, act, onClose, ...dialog } = props;
  const whyNot = refusal ?? whyNotYet(about);
  const { isBusy, failure, close, begin } = useActing({
    ...{ isOpen: dialog.isOpen, isReady: whyNot === undefined, mayLeave, onClose, act },
    onFailure: about?.refresh,
  });
  return (
    <Dialog {...dialog} isAlert={isDanger} onClose={close}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          begin();
        }}
      >
        {children}
        {about?.hasChanged === true && !isBusy && <Changed lookAgain={about.lookAgain} />}
        {failure !== undefined && (
          <p className="field-error" role="alert">
            <ShownText text={failure} />
          </p>
        )}
        <div className="buttons">
          <Button isPending={isBusy && !mayLeave} onPress={close}>
            Leave it
          </Button>
          <Button
            isPending={isBusy}
            look={isDanger ? 'danger' : 'main'}
            refusal={isBusy ? undefined : whyNot}
            type="submit"
          >
            {word}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

function whyNotYet(about: AsRead<unknown> | undefined): string | undefined {
  if (about === undefined) {
    return undefined;
  }
  if (about.asked === undefined) {
    return 'It is not known yet what this would touch.';
  }
  return about.hasChanged ? 'What this would touch has changed: look again first.' : undefined;
}

function Changed({ lookAgain }: { lookAgain(): void }) {
  return (
    <div className="banner bad" role="alert">
      <p>What this would touch has changed since you opened this. Nothing is done before you have looked again.</p>
      <Button onPress={lookAgain}>Look again</Button>
    </div>
  );
}
