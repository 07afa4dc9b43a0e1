import { useState } from 'react';
import { Dialog as AriaDialog, DialogTrigger, Popover } from 'react-aria-components';
import { z } from 'zod';
import { useKept } from '../../app/kept.ts';
import { Button } from '../../kit/button.tsx';
import { TextField } from '../../kit/fields.tsx';
import { tell } from '../../kit/notices.tsx';
import { type Chip, type SavedQuery, savedQuerySchema } from './search.ts';
import type { SourceName } from './source-names.ts';
import { sources } from './sources.ts';

interface SavedQueriesProps {
  /** Whose they are. */
  readonly personId: string;
  readonly source: SourceName;
  readonly chips: readonly Chip[];
  onChoose(query: SavedQuery): void;
}

const listSchema = z.array(savedQuerySchema);

/** Queries that this person gave names, kept in this browser. */
export function SavedQueries({ personId, source, chips, onChoose }: SavedQueriesProps) {
  const [saved, keep] = useKept<readonly SavedQuery[]>(`queries.${personId}`, listSchema, []);
  const [name, setName] = useState('');
  const save = () => {
    const query = { name: name.trim(), in: source, where: [...chips] };
    keep([...saved.filter((each) => each.name !== query.name), query]);
    setName('');
    tell(`“${query.name}” is saved.`);
  };
  return (
    <DialogTrigger>
      <Button>Saved queries{saved.length > 0 && ` (${saved.length})`}</Button>
      <Popover className="popover" placement="bottom end">
        <AriaDialog aria-label="Saved queries" className="layout-menu saved-queries">
          {({ close }) => (
            <>
              {saved.length === 0 && <p className="mute">None is saved yet.</p>}
              <ul className="plain-list">
                {saved.map((query) => (
                  <li key={query.name}>
                    <Button
                      look="quiet"
                      onPress={() => {
                        onChoose(query);
                        close();
                      }}
                    >
                      {query.name}
                    </Button>
                    <span className="mute">{sources[query.in].label}</span>
                    <span className="grow" />
                    <Button
                      aria-label={`Forget ${query.name}`}
                      look="quiet"
                      onPress={() => keep(saved.filter((each) => each !== query))}
                    >
                      ✕
                    </Button>
                  </li>
                ))}
              </ul>
              <form
                className="by-id"
                onSubmit={(event) => {
                  event.preventDefault();
                  save();
                }}
              >
                <TextField label="Save this query as" onChange={setName} value={name} />
                <Button isDisabled={name.trim() === ''} type="submit">
                  Save
                </Button>
              </form>
            </>
          )}
        </AriaDialog>
      </Popover>
    </DialogTrigger>
  );
}
