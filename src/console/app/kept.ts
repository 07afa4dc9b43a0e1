import { useState } from 'react';
import type { z } from 'zod';

/** A choice of this person in this browser, kept over visits. What is stored and is none any more gives way to the default. */
export function useKept<Value>(name: string, schema: z.ZodType<Value>, usual: Value): [Value, (value: Value) => void] {
  const key = `custody.${name}`;
  const [value, setValue] = useState<Value>(() => read(key, schema) ?? usual);
  const keep = (next: Value) => {
    localStorage.setItem(key, JSON.stringify(next));
    setValue(next);
  };
  return [value, keep];
}

function read<Value>(key: string, schema: z.ZodType<Value>): Value | undefined {
  try {
    return schema.parse(JSON.parse(localStorage.getItem(key) ?? ''));
  } catch {
    return undefined;
  }
}
