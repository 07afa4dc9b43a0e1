import { Fault } from '#core/fault.ts';
import { canonicalJson } from './canonical-json.ts';

export function writeTextList(list: readonly string[]): string {
  return canonicalJson(list);
}

/** @throws Fault `internal` when the column holds anything but a list of text. */
export function readTextList(json: string): readonly string[] {
  const value: unknown = JSON.parse(json);
  if (!isTextList(value)) {
    throw new Fault('internal', 'A column of the store holds no list of text.');
  }
  return value;
}

function isTextList(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}
