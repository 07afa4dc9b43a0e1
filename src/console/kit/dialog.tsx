import type { ReactNode } from 'react';
import { Dialog as AriaDialog, Heading, Modal, ModalOverlay } from 'react-aria-components';
import { Words } from './shown-text.tsx';

export interface DialogProps {
  /** With names of endpoints, files or people in it: each as a `ShownText`. */
  readonly title: ReactNode;
  readonly isOpen: boolean;
  /** Whether a question is asked that must be answered. */
  readonly isAlert?: boolean;
  readonly width?: 'narrow' | 'wide';
  onClose(): void;
  readonly children: ReactNode;
}

export function Dialog({ title, isOpen, isAlert = false, width = 'narrow', onClose, children }: DialogProps) {
  return (
    <ModalOverlay
      className="overlay"
      isDismissable={!isAlert}
      isOpen={isOpen}
      onOpenChange={(open) => {
        if (!open) {
          onClose();
        }
      }}
    >
      <Modal className={`modal ${width}`}>
        <AriaDialog className="dialog" role={isAlert ? 'alertdialog' : 'dialog'}>
          <Heading slot="title">
            <Words words={title} />
          </Heading>
          {children}
        </AriaDialog>
      </Modal>
    </ModalOverlay>
  );
}
