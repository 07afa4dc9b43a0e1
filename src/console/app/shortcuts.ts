import { useNavigate } from '@tanstack/react-router';
import { useEffect, useRef } from 'react';
import type { Permission } from '../words/permissions.ts';
import { pagesFor } from './nav.ts';

/** How long after "g" the second key may come. */
const patience = 1_200;

/** Ctrl K or Command K opens the palette; "g" and a page's key go there. Whoever writes into a field is left alone, and leaves it with Escape. */
export function useShortcuts(permissions: readonly Permission[], openPalette: () => void): void {
  const navigate = useNavigate();
  const begun = useRef(0);
  useEffect(() => {
    const heard = (event: KeyboardEvent) => {
      if (isPaletteKey(event)) {
        event.preventDefault();
        openPalette();
      } else if (isWriting(event.target)) {
        leaveField(event);
      } else if (!isForSomethingElse(event)) {
        takeKey(event);
      }
    };
    const takeKey = (event: KeyboardEvent) => {
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

function isPaletteKey({ key, ctrlKey, metaKey }: KeyboardEvent): boolean {
  return key.toLowerCase() === 'k' && (ctrlKey || metaKey);
}

/** Some pages begin within a field: from there, too, keys lead to where the others work. */
function leaveField({ key, target }: KeyboardEvent): void {
  if (key === 'Escape' && target instanceof HTMLElement && !isWithinOverlay(target)) {
    target.blur();
  }
}

function isForSomethingElse({ ctrlKey, metaKey, altKey, target }: KeyboardEvent): boolean {
  return ctrlKey || metaKey || altKey || isWithinOverlay(target);
}

/** There the keys are the overlay's own. */
function isWithinOverlay(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    target.closest('[role=dialog], [role=alertdialog], [role=menu], [role=listbox]') !== null
  );
}

function isWriting(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName))
  );
}
