import { useState } from 'react';
import { Menu, MenuItem, MenuTrigger, Popover } from 'react-aria-components';
import type { ActionColumn } from '../../app/action-columns.tsx';
import { client } from '../../app/client.ts';
import { readAll } from '../../app/read-all.ts';
import { Button } from '../../kit/button.tsx';
import { csvFile } from '../../kit/csv.ts';
import { tell } from '../../kit/notices.tsx';
import { saveFile } from '../../kit/save-file.ts';
import { counted } from '../../words/amounts.ts';
import type { Action } from '../../words/statuses.ts';

type Query = NonNullable<Parameters<typeof client.listActions>[0]>;
type Form = 'csv' | 'json';

interface ExportMenuProps {
  readonly query: Query;
  /** Those that are shown, in their order. */
  readonly columns: readonly ActionColumn[];
}

/** Saves what the table shows, every row of it: as a table of the columns that are shown, or as the server tells it. */
export function ExportMenu({ query, columns }: ExportMenuProps) {
  const [isBusy, setBusy] = useState(false);
  const save = async (form: Form) => {
    setBusy(true);
    try {
      const { items: actions } = await readAll((at) => client.listActions({ ...query, ...at }), {
        idOf: ({ id }) => id,
      });
      saveFile(form === 'csv' ? asTable(actions, columns) : asJson(actions), `custody-actions.${form}`);
      tell(`${counted(actions.length, 'action')} saved as ${form.toUpperCase()}.`);
    } catch (failure) {
      tell(failure instanceof Error ? failure.message : String(failure), 'bad');
    } finally {
      setBusy(false);
    }
  };
  return (
    <MenuTrigger>
      <Button isPending={isBusy}>Export</Button>
      <Popover className="popover" placement="bottom end">
        <Menu aria-label="Export" className="menu">
          <MenuItem className="menu-item" onAction={() => void save('csv')}>
            CSV, of the columns that are shown
          </MenuItem>
          <MenuItem className="menu-item" onAction={() => void save('json')}>
            JSON, with everything
          </MenuItem>
        </Menu>
      </Popover>
    </MenuTrigger>
  );
}

function asTable(actions: readonly Action[], columns: readonly ActionColumn[]): Blob {
  const rows = actions.map((action) => columns.map(({ text }) => text(action)));
  return csvFile([columns.map(({ title }) => title), ...rows]);
}

function asJson(actions: readonly Action[]): Blob {
  return new Blob([JSON.stringify(actions, undefined, 2)], { type: 'application/json' });
}
