import type { Chip, Operator } from './search.ts';
import type { SourceName } from './source-names.ts';
import { sources } from './sources.ts';

const signs: Readonly<Record<string, Operator>> = { '=': 'is', '~': 'is_like' };

/**
 * What somebody means who types: `field:value`, `field=value` (just so) or `field~pattern`; or a value alone, whose form says of what it is.
 * @returns a text where it means nothing: why
 */
export function readTyped(source: SourceName, typed: string): Chip | string {
  const text = typed.trim();
  const [, word = '', sign = ':', value = ''] = /^([A-Za-z0-9-]+)\s*([:=~])\s*(\S.*)$/.exec(text) ?? [];
  const field = fieldNamed(source, word);
  return field === undefined ? guessed(source, text) : chipFor(source, { field, sign, value });
}

function fieldNamed(source: SourceName, word: string): string | undefined {
  const name = word.toLowerCase();
  return Object.entries(sources[source].fields).find(
    ([field, { label, aliases = [] }]) =>
      name !== '' && [field.toLowerCase(), label.toLowerCase(), ...aliases].includes(name),
  )?.[0];
}

interface Said {
  readonly field: string;
  readonly sign: string;
  readonly value: string;
}

function chipFor(source: SourceName, { field, sign, value }: Said): Chip | string {
  const known = sources[source].fields[field];
  if (known === undefined) {
    return `There is no field ${field}.`;
  }
  const [usual] = known.operators;
  if (known.choices !== undefined) {
    const chosen = chosenOf(known.choices, value);
    return chosen === undefined
      ? `${known.label} is one of: ${Object.values(known.choices).join(', ')}.`
      : { field, operator: usual, value: chosen };
  }
  const meant = /[*?]/.test(value) && known.operators.includes('is_like') ? 'is_like' : usual;
  const asked = signs[sign] ?? meant;
  return { field, operator: known.operators.includes(asked) ? asked : usual, value };
}

function chosenOf(choices: Readonly<Record<string, string>>, value: string): string | undefined {
  const asked = value.toLowerCase();
  return Object.entries(choices).find(([each, label]) => each === asked || label.toLowerCase() === asked)?.[0];
}

const hashFields: Readonly<Record<number, string>> = { 32: 'md5', 40: 'sha1', 64: 'sha256' };

function guessed(source: SourceName, value: string): Chip | string {
  const { fields } = sources[source];
  const hash = /^[0-9a-f]+$/i.test(value) ? hashFields[value.length] : undefined;
  if (hash !== undefined && hash in fields) {
    return { field: hash, operator: 'is', value: value.toLowerCase() };
  }
  if (hash === 'md5' && 'id' in fields) {
    return { field: 'id', operator: 'is', value: value.toLowerCase() };
  }
  return chipFor(source, { field: usualField(source, value), sign: ':', value });
}

function usualField(source: SourceName, value: string): string {
  switch (source) {
    case 'files':
      return /[\\/]/.test(value) ? 'path' : 'name';
    case 'endpoints':
      return /^[\d.]+$|:.*:/.test(value) ? 'address' : 'hostName';
    case 'processes':
      return /\s/.test(value) ? 'commandLine' : 'path';
    case 'incidents':
      return 'externalId';
  }
}
