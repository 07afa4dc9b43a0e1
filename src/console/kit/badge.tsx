import type { ReactNode } from 'react';

export type Tone = 'good' | 'bad' | 'wait' | 'busy' | 'mute';

const marks: Readonly<Record<Tone, string>> = { good: '✓', bad: '✕', wait: '◷', busy: '↻', mute: '·' };

/** A state, by its word and a sign: never by its colour alone. */
export function Badge({ tone, children }: { readonly tone: Tone; readonly children: ReactNode }) {
  return (
    <span className={`badge ${tone}`}>
      <span aria-hidden="true">{marks[tone]}</span> {children}
    </span>
  );
}
