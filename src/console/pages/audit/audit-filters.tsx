import { Button } from '../../kit/button.tsx';
import { TextField } from '../../kit/fields.tsx';
import { FilterField } from '../../kit/filter-field.tsx';
import { eventKinds, eventKindWords, eventWords, typesOf } from '../../words/events.ts';
import { type AuditSearch, auditSearch } from './search.ts';

interface FiltersProps {
  readonly search: AuditSearch;
  onChange(more: Partial<AuditSearch>): void;
}

export function AuditFilters({ search, onChange }: FiltersProps) {
  const set = (name: 'actor' | 'endpoint' | 'action' | 'incident') => (value: string) =>
    onChange({ [name]: value.trim() || undefined });
  const isFiltered = Object.entries(search).some(([name, value]) => name !== 'event' && value !== undefined);
  return (
    <div className="filters audit-filters">
      <WhatField onChange={onChange} search={search} />
      <FilterField label="By (whole name)" onChange={set('actor')} value={search.actor ?? ''} />
      <FilterField label="Endpoint (name or id)" onChange={set('endpoint')} value={search.endpoint ?? ''} />
      <FilterField label="Action" onChange={set('action')} value={search.action ?? ''} />
      <FilterField label="Incident" onChange={set('incident')} value={search.incident ?? ''} />
      <TextField
        label="From"
        onChange={(value) => onChange({ from: instantIn(value) })}
        type="datetime-local"
        value={localOf(search.from)}
      />
      <TextField
        label="To"
        onChange={(value) => onChange({ to: instantIn(value) })}
        type="datetime-local"
        value={localOf(search.to)}
      />
      {isFiltered && (
        <Button
          look="quiet"
          onPress={() =>
            onChange({
              ...{ what: undefined, actor: undefined, endpoint: undefined, action: undefined, incident: undefined },
              ...{ from: undefined, to: undefined },
            })
          }
        >
          Show everything
        </Button>
      )}
    </div>
  );
}

function WhatField({ search, onChange }: FiltersProps) {
  return (
    <label className="field">
      <span>What happened</span>
      <select
        className="input"
        onChange={({ target }) => onChange({ what: auditSearch.parse({ what: target.value }).what })}
        value={search.what ?? ''}
      >
        <option value="">Anything</option>
        {eventKinds.map((kind) => (
          <optgroup key={kind} label={eventKindWords[kind]}>
            <option value={kind}>All: {eventKindWords[kind]}</option>
            {typesOf(kind).map((type) => (
              <option key={type} value={type}>
                {eventWords(type)}
              </option>
            ))}
          </optgroup>
        ))}
      </select>
    </label>
  );
}

/** What the browser's own field takes: the reader's time, without a zone. */
function localOf(instant: string | undefined): string {
  if (instant === undefined) {
    return '';
  }
  const at = new Date(instant);
  const part = (number: number) => String(number).padStart(2, '0');
  const day = [at.getFullYear(), part(at.getMonth() + 1), part(at.getDate())].join('-');
  return `${day}T${part(at.getHours())}:${part(at.getMinutes())}`;
}

function instantIn(local: string): string | undefined {
  const at = new Date(local);
  return Number.isNaN(at.getTime()) ? undefined : at.toISOString();
}
