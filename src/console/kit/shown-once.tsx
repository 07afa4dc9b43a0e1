import type { ReactNode } from 'react';
import { Button } from './button.tsx';
import { Copied } from './copied.tsx';
import { Dialog } from './dialog.tsx';

interface ShownOnceProps {
  /** What it is, for whoever cannot see it. */
  readonly label: string;
  readonly text: string;
  /** What it is good for. */
  readonly children: ReactNode;
  /** What stands below it. */
  readonly more?: ReactNode;
  /** Undefined: it stays while the page does. */
  onKept?(): void;
}

/** A secret that nobody is shown again. */
export function ShownOnce({ label, text, children, more, onKept }: ShownOnceProps) {
  return (
    <div className="stack">
      <p>
        <strong>It is shown this once.</strong> {children}
      </p>
      <Copied label={label} text={text} />
      {more}
      {onKept !== undefined && (
        <div className="buttons">
          <Button look="main" onPress={onKept}>
            I have kept it
          </Button>
        </div>
      )}
    </div>
  );
}

interface ShownOnceDialogProps extends Omit<ShownOnceProps, 'onKept'> {
  readonly title: string;
  readonly width?: 'narrow' | 'wide';
  close(): void;
}

/** The same in the way of everything else: it has to be kept before one goes on. */
export function ShownOnceDialog({ title, width = 'narrow', close, ...shown }: ShownOnceDialogProps) {
  return (
    <Dialog isAlert isOpen onClose={close} title={title} width={width}>
      <ShownOnce {...shown} onKept={close} />
    </Dialog>
  );
}
