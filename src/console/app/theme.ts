export type Theme = 'system' | 'light' | 'dark';

const key = 'custody.theme';
const isDark = matchMedia('(prefers-color-scheme: dark)');
const listeners = new Set<() => void>();

function isTheme(text: string | null): text is Theme {
  return text === 'system' || text === 'light' || text === 'dark';
}

/** What somebody chose in this browser; the system's colours, until they do. */
export function chosenTheme(): Theme {
  const stored = localStorage.getItem(key);
  return isTheme(stored) ? stored : 'system';
}

export function chooseTheme(theme: Theme): void {
  localStorage.setItem(key, theme);
  showTheme();
}

/** Has the page follow what is chosen, and the system while that is. Before the first style is there: each goes by the attribute alone. */
export function beginTheme(): void {
  isDark.addEventListener('change', showTheme);
  showTheme();
}

/** @returns what ends it */
export function onTheme(changed: () => void): () => void {
  listeners.add(changed);
  return () => listeners.delete(changed);
}

function showTheme(): void {
  const theme = chosenTheme();
  const ofSystem = isDark.matches ? 'dark' : 'light';
  document.documentElement.dataset['theme'] = theme === 'system' ? ofSystem : theme;
  for (const listener of listeners) {
    listener();
  }
}
