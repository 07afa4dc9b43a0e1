import { type FormEvent, useState } from 'react';
import { Button } from '../../kit/button.tsx';
import { Select, TextField } from '../../kit/fields.tsx';
import { ShownText } from '../../kit/shown-text.tsx';
import {
  type Chip,
  chipOf,
  type Field,
  fields,
  fieldWords,
  type Operator,
  operators,
  operatorWords,
} from './search.ts';

interface ChipsProps {
  readonly chips: readonly Chip[];
  onChange(chips: readonly Chip[]): void;
}

/** The query: every chip must hold. What is typed becomes one with Enter; Backspace in the empty field takes the last one away. */
export function Chips({ chips, onChange }: ChipsProps) {
  const [typed, setTyped] = useState('');
  const [field, setField] = useState<Field | 'any'>('any');
  const [operator, setOperator] = useState<Operator>('contains_ignore_case');
  const add = (event: FormEvent) => {
    event.preventDefault();
    const value = typed.trim();
    if (value !== '') {
      onChange([...chips, field === 'any' ? chipOf(value) : { field, operator, value }]);
      setTyped('');
    }
  };
  return (
    <form className="filters" onSubmit={add}>
      <Select
        choices={[
          { value: 'any', label: 'What it looks like' },
          ...fields.map((value) => ({ value, label: fieldWords[value] })),
        ]}
        label="Field"
        onChange={(value) => setField(fields.find((each) => each === value) ?? 'any')}
        value={field}
      />
      {field !== 'any' && (
        <Select
          choices={operators.map((value) => ({ value, label: operatorWords[value] }))}
          label="How"
          onChange={(value) => setOperator(operators.find((each) => each === value) ?? 'equals')}
          value={operator}
        />
      )}
      <TextField
        autoFocus
        label="Name, path, hash …"
        onChange={setTyped}
        onKeyDown={({ key }) => {
          if (key === 'Backspace' && typed === '') {
            onChange(chips.slice(0, -1));
          }
        }}
        value={typed}
      />
      <Button look="main" type="submit">
        Add
      </Button>
      <ul aria-label="The query" className="chips">
        {chips.map((chip, index) => (
          <li className="chip" key={JSON.stringify(chip)}>
            {fieldWords[chip.field]} {operatorWords[chip.operator]} <ShownText text={chip.value} />{' '}
            <Button
              aria-label={`Take away: ${fieldWords[chip.field]} ${operatorWords[chip.operator]} ${chip.value}`}
              look="quiet"
              onPress={() => onChange(chips.toSpliced(index, 1))}
            >
              ✕
            </Button>
          </li>
        ))}
      </ul>
    </form>
  );
}
