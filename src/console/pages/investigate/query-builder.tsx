import { type KeyboardEvent as FieldKeyEvent, type FormEvent, useEffect, useRef, useState } from 'react';
import { Button } from '../../kit/button.tsx';
import { Select } from '../../kit/fields.tsx';
import { ShownText } from '../../kit/shown-text.tsx';
import { readTyped } from './read-typed.ts';
import type { Chip, Operator } from './search.ts';
import type { SourceName } from './source-names.ts';
import { chipText, operatorWords, sources } from './sources.ts';

interface QueryBuilderProps {
  readonly source: SourceName;
  readonly chips: readonly Chip[];
  onChange(chips: readonly Chip[]): void;
  /** The arrow down: to what was found. */
  onDown(): void;
}

/**
 * The query: chips that say the same of one field are alternatives, all others must hold. Enter makes one of what is typed, Backspace in
 * the empty field takes the last one away, "/" comes here from anywhere.
 */
export function QueryBuilder({ source, chips, onChange, onDown }: QueryBuilderProps) {
  const [typed, setTyped] = useState('');
  const [refusal, setRefusal] = useState<string>();
  const input = useRef<HTMLInputElement>(null);
  useSlash(() => input.current?.focus());
  const add = (chip: Chip) => {
    const isThere = chips.some((each) => JSON.stringify(each) === JSON.stringify(chip));
    onChange(isThere ? chips : [...chips, chip]);
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (typed.trim() === '') {
      return;
    }
    const chip = readTyped(source, typed);
    if (typeof chip === 'string') {
      setRefusal(chip);
      return;
    }
    add(chip);
    setTyped('');
  };
  const onKeyDown = (event: FieldKeyEvent) => {
    if (event.key === 'Backspace' && typed === '') {
      onChange(chips.slice(0, -1));
    } else if (event.key === 'ArrowDown') {
      event.preventDefault();
      onDown();
    }
  };
  return (
    <div className="query">
      <form className="query-line" onSubmit={submit}>
        <ChipList chips={chips} onChange={onChange} source={source} />
        <input
          aria-describedby="query-help"
          aria-invalid={refusal !== undefined}
          aria-label={`Look for ${sources[source].nouns[1]}`}
          autoComplete="off"
          autoFocus
          className="input"
          onChange={({ target }) => {
            setTyped(target.value);
            setRefusal(undefined);
          }}
          onKeyDown={onKeyDown}
          placeholder={sources[source].example}
          ref={input}
          spellCheck={false}
          value={typed}
        />
        <Button look="main" type="submit">
          Add
        </Button>
        <ByField key={source} onAdd={add} source={source} />
      </form>
      {refusal !== undefined && (
        <p className="field-error" role="alert">
          {refusal}
        </p>
      )}
      <p className="help" id="query-help">
        Enter adds what is typed, as a value alone or as <code>field:value</code>, <code>field=value</code> or{' '}
        <code>field~pattern*</code>. Backspace takes the last one away, <kbd>↓</kbd> goes to what was found,{' '}
        <kbd>/</kbd> comes back. What is said of one field in one way are alternatives; all else must hold.
      </p>
    </div>
  );
}

function ChipList({ source, chips, onChange }: Omit<QueryBuilderProps, 'onDown'>) {
  return (
    <ul aria-label="The query" className="query-chips">
      {chips.map((chip, index) => (
        <li className="chip" key={JSON.stringify(chip)}>
          <ShownText text={chipText(source, chip)} />
          <Button
            aria-label={`Take away: ${chipText(source, chip)}`}
            look="quiet"
            onPress={() => onChange(chips.toSpliced(index, 1))}
          >
            ✕
          </Button>
        </li>
      ))}
    </ul>
  );
}

interface ByFieldProps {
  readonly source: SourceName;
  onAdd(chip: Chip): void;
}

/** For whoever does not know what the fields are called. */
function ByField({ source, onAdd }: ByFieldProps) {
  const { fields } = sources[source];
  const [field, setField] = useState('');
  const [operator, setOperator] = useState<Operator>('is');
  const [value, setValue] = useState('');
  const known = fields[field];
  const choose = (next: string) => {
    const chosen = fields[next];
    setField(next);
    setOperator(chosen?.operators[0] ?? 'is');
    setValue(Object.keys(chosen?.choices ?? {})[0] ?? '');
  };
  const add = () => {
    if (value.trim() !== '') {
      onAdd({ field, operator, value: value.trim() });
      choose('');
    }
  };
  return (
    <fieldset className="by-field">
      <legend className="visually-hidden">By field</legend>
      <Select
        choices={[
          { value: '', label: 'By field …' },
          ...Object.entries(fields).map(([name, { label }]) => ({ value: name, label })),
        ]}
        isLabelHidden
        label="Field"
        onChange={choose}
        value={field}
      />
      {known !== undefined && (
        <>
          <Select
            choices={known.operators.map((each) => ({ value: each, label: operatorWords[each] }))}
            isLabelHidden
            label="How"
            onChange={(next) => setOperator(known.operators.find((each) => each === next) ?? operator)}
            value={operator}
          />
          {known.choices === undefined ? (
            <input
              aria-label="Value"
              autoFocus
              className="input"
              onChange={({ target }) => setValue(target.value)}
              onKeyDown={(event) => {
                if (event.key === 'Enter') {
                  event.preventDefault();
                  add();
                }
              }}
              value={value}
            />
          ) : (
            <Select
              choices={Object.entries(known.choices).map(([each, label]) => ({ value: each, label }))}
              isLabelHidden
              label="Value"
              onChange={setValue}
              value={value}
            />
          )}
          <Button onPress={add}>Add this</Button>
        </>
      )}
    </fieldset>
  );
}

/** Whoever writes into a field writes a slash there. */
function useSlash(come: () => void): void {
  const latest = useRef(come);
  useEffect(() => {
    latest.current = come;
  }, [come]);
  useEffect(() => {
    const heard = (event: KeyboardEvent) => {
      const isWriting = event.target instanceof HTMLElement && /^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName);
      if (event.key === '/' && !isWriting) {
        event.preventDefault();
        latest.current();
      }
    };
    document.addEventListener('keydown', heard);
    return () => document.removeEventListener('keydown', heard);
  }, []);
}
