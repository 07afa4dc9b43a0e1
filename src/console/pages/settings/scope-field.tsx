import { Select, TextField } from '../../kit/fields.tsx';
import { splitList } from '../../kit/split-list.ts';

/** What is chosen and typed of a scope. */
export interface TypedScope {
  readonly reach: 'all' | 'tags';
  readonly tags: string;
}

export const wholeFleet: TypedScope = { reach: 'all', tags: '' };

export function typedScope(tags: readonly string[] | null): TypedScope {
  return tags === null ? wholeFleet : { reach: 'tags', tags: tags.join(', ') };
}

/** As the API has it: null reaches all endpoints. */
export function scopeOf({ reach, tags }: TypedScope): string[] | null {
  return reach === 'all' ? null : splitList(tags);
}

export function scopeWords(tags: readonly string[] | null): string {
  if (tags === null) {
    return 'All endpoints';
  }
  return tags.length === 0 ? 'No endpoint' : `Endpoints with ${tags.join(' or ')}`;
}

export function ScopeField({ scope, onChange }: { readonly scope: TypedScope; onChange(scope: TypedScope): void }) {
  return (
    <>
      <Select
        choices={[
          { value: 'all', label: 'All endpoints' },
          { value: 'tags', label: 'Endpoints with one of these tags' },
        ]}
        label="Scope"
        onChange={(value) => onChange({ ...scope, reach: value === 'tags' ? 'tags' : 'all' })}
        value={scope.reach}
      />
      {scope.reach === 'tags' && (
        <TextField
          help="Several with commas between. Beyond them there are no endpoints, as far as they can tell."
          isRequired
          label="Tags of the scope"
          onChange={(tags) => onChange({ ...scope, tags })}
          value={scope.tags}
        />
      )}
    </>
  );
}
