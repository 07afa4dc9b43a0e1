import { useNavigate } from '@tanstack/react-router';
import { useEffect, useRef } from 'react';
import { pagesFor } from './nav.ts';
import type { Permission } from './queries.ts';

/** How long after "g" the second key may come. */
const patience = 1_200;

/** Ctrl K or Command K opens the palette; "g" and a page's key go there. Whoever writes into a field is left alone. */
export function useShortcuts(permissions: readonly Permission[], openPalette: () => void): void {
  const navigate = useNavigate();
  const begun = useRef(0);
  useEffect(() => {
    const heard = (event: KeyboardEvent) => {
      if (event.key.toLowerCase() === 'k' && (event.ctrlKey || event.metaKey)) {
        event.preventDefault();
        openPalette();
        return;
      }
      if (isForSomethingElse(event)) {
        return;
      }
      if (event.key === 'g') {
        begun.current = event.timeStamp;
        return;
      }
      const page = pagesFor(permissions).find(({ key }) => key === event.key);
      if (page !== undefined && event.timeStamp - begun.current < patience) {
        event.preventDefault();
        void navigate({ to: page.path });
      }
      begun.current = 0;
    };
    document.addEventListener('keydown', heard);
    return () => document.removeEventListener('keydown', heard);
  }, [navigate, openPalette, permissions]);
}

function isForSomethingElse({ ctrlKey, metaKey, altKey, target }: KeyboardEvent): boolean {
  return ctrlKey || metaKey || altKey || isWriting(target);
}

function isWriting(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName))
  );
}
