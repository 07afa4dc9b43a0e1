import { useEffect, useRef, useState } from 'react';
import { later } from './clock.ts';
import { TextField } from './fields.tsx';
import { useStable } from './stable.ts';

/** What is typed takes effect once the typing pauses. */
const pause = 250;

interface FilterFieldProps {
  readonly label: string;
  readonly value: string;
  onChange(value: string): void;
}

/** What takes effect comes back as the value some time later; letters that were typed meanwhile stay. */
export function FilterField({ label, value, onChange }: FilterFieldProps) {
  const [typed, setTyped] = useState(value);
  /** What took effect last, here or elsewhere. */
  const last = useRef(value);
  const awaited = useRef<readonly string[]>([]);
  const catchUp = useStable((came: string) => {
    const at = awaited.current.indexOf(came);
    awaited.current = at < 0 ? [] : awaited.current.slice(at + 1);
    // Otherwise the filter was changed elsewhere, or is not kept as it was typed.
    if (at < 0 && typed === last.current) {
      last.current = came;
      setTyped(came);
    }
  });
  useEffect(() => catchUp(value), [value, catchUp]);
  const take = useStable(onChange);
  useEffect(() => {
    if (typed === last.current) {
      return;
    }
    return later(pause, () => {
      last.current = typed;
      awaited.current = [...awaited.current, typed];
      take(typed);
    });
  }, [typed, take]);
  return <TextField label={label} onChange={setTyped} value={typed} />;
}
