import { useState } from 'react';
import { tell } from './notices.tsx';

/** What a button does without a dialog: whether it is under way, and how it is begun. A refusal is told in the server's words. */
export function useDoing(): readonly [isBusy: boolean, begin: (act: () => Promise<void>) => void] {
  const [isBusy, setBusy] = useState(false);
  const run = async (act: () => Promise<void>) => {
    setBusy(true);
    try {
      await act();
    } catch (failure) {
      tell(failure instanceof Error ? failure.message : String(failure), 'bad');
    } finally {
      setBusy(false);
    }
  };
  return [isBusy, (act) => void run(act)];
}
