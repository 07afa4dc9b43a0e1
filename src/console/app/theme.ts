import { useSyncExternalStore } from 'react';

export type Theme = 'system' | 'light' | 'dark';

const key = 'custody.theme';
const listeners = new Set<() => void>();

function isTheme(text: string | null): text is Theme {
  return text === 'system' || text === 'light' || text === 'dark';
}

function storedTheme(): Theme {
  const stored = localStorage.getItem(key);
  return isTheme(stored) ? stored : 'system';
}

/** Before the first page is drawn, and whenever somebody chooses: the style follows the attribute. */
export function applyTheme(theme: Theme = storedTheme()): void {
  localStorage.setItem(key, theme);
  if (theme === 'system') {
    document.documentElement.removeAttribute('data-theme');
  } else {
    document.documentElement.dataset['theme'] = theme;
  }
  for (const listener of listeners) {
    listener();
  }
}

/** Of three, one after another. */
export const nextTheme: Readonly<Record<Theme, Theme>> = { system: 'dark', dark: 'light', light: 'system' };

export function useTheme(): Theme {
  return useSyncExternalStore((changed) => {
    listeners.add(changed);
    return () => listeners.delete(changed);
  }, storedTheme);
}
