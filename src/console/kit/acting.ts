import { useEffect, useRef, useState } from 'react';
import { tell } from './notices.tsx';

interface Acted {
  readonly isOpen: boolean;
  readonly isReady: boolean;
  /** Whether the dialog may be closed while it is under way. */
  readonly mayLeave: boolean;
  readonly onFailure: (() => void) | undefined;
  onClose(): void;
  act(): Promise<void>;
}

interface Acting {
  readonly isBusy: boolean;
  /** Why it did not come about, in the words of whoever refused it. */
  readonly failure: string | undefined;
  close(): void;
  begin(): void;
}

/**
 * What the button of a dialog does: once, however often it is pressed. Whoever sees the dialog sees in it what went wrong; whoever has left
 * it, or was led away from it, is told in a notice.
 */
export function useActing({ isOpen, isReady, mayLeave, onClose, act, onFailure }: Acted): Acting {
  const [failure, setFailure] = useState<string>();
  const [isBusy, setBusy] = useState(false);
  // A second press comes before the first is drawn.
  const isActing = useRef(false);
  const showing = useShowing(isOpen);
  const close = () => {
    if (!isActing.current || mayLeave) {
      setFailure(undefined);
      onClose();
    }
  };
  const run = async () => {
    const begunIn = showing.current;
    isActing.current = true;
    setBusy(true);
    setFailure(undefined);
    try {
      await act();
      if (begunIn === showing.current) {
        onClose();
      }
    } catch (thrown) {
      const words = thrown instanceof Error ? thrown.message : String(thrown);
      if (begunIn === showing.current) {
        setFailure(words);
      } else {
        tell(words, 'bad');
      }
      onFailure?.();
    } finally {
      isActing.current = false;
      setBusy(false);
    }
  };
  return {
    ...{ isBusy, failure, close },
    begin() {
      if (!isActing.current && isReady) {
        void run();
      }
    },
  };
}

/** Which showing of the dialog it is; 0 while it is not. */
function useShowing(isOpen: boolean): { readonly current: number } {
  const count = useRef(0);
  const showing = useRef(0);
  useEffect(() => {
    if (!isOpen) {
      return;
    }
    count.current += 1;
    showing.current = count.current;
    return () => {
      showing.current = 0;
    };
  }, [isOpen]);
  return showing;
}
