import { useEffect, useState } from 'react';
import { later } from './clock.ts';
import { TextField } from './fields.tsx';

/** What is typed takes effect once the typing pauses. */
const pause = 250;

interface FilterFieldProps {
  readonly label: string;
  readonly value: string;
  onChange(value: string): void;
}

export function FilterField({ label, value, onChange }: FilterFieldProps) {
  const [typed, setTyped] = useState(value);
  useEffect(() => setTyped(value), [value]);
  useEffect(() => {
    if (typed === value) {
      return;
    }
    return later(pause, () => onChange(typed));
  }, [typed, value, onChange]);
  return <TextField label={label} onChange={setTyped} value={typed} />;
}
