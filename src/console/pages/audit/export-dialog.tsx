import { useRef, useState } from 'react';
import { now } from '../../kit/clock.ts';
import { Select } from '../../kit/fields.tsx';
import { FormDialog } from '../../kit/form-dialog.tsx';
import { tell } from '../../kit/notices.tsx';
import { saveFile } from '../../kit/save-file.ts';
import { counted } from '../../words/amounts.ts';
import { csvOf, mostExported, readEvents } from './export-events.ts';
import type { EventFilter } from './search.ts';

const formats = [
  { value: 'csv', label: 'CSV, for a spreadsheet' },
  { value: 'json', label: 'JSON, for a program' },
] as const;

interface ExportDialogProps {
  readonly filter: EventFilter;
  readonly isOpen: boolean;
  onClose(): void;
}

/** Keeps what the filters leave as a file, made here from what the API tells. */
export function ExportDialog({ filter, isOpen, onClose }: ExportDialogProps) {
  const [format, setFormat] = useState<'csv' | 'json'>('csv');
  const [count, setCount] = useState<number>();
  const leaving = useRef(new AbortController());
  const close = () => {
    leaving.current.abort();
    setCount(undefined);
    onClose();
  };
  const save = async () => {
    leaving.current = new AbortController();
    const { signal } = leaving.current;
    const { events, isCut } = await readEvents(filter, { signal, onRead: setCount });
    if (signal.aborted) {
      return;
    }
    const exportedAt = new Date(now()).toISOString();
    const file =
      format === 'csv'
        ? csvOf(events)
        : new Blob([`${JSON.stringify({ exportedAt, filter, isWhole: !isCut, events }, null, 1)}\n`]);
    saveFile(file, `custody-events-${exportedAt.slice(0, 19).replaceAll(':', '')}.${format}`);
    tell(
      isCut
        ? `${counted(events.length, 'event')} saved: the newest. There are more; narrow the time to have the others.`
        : `${counted(events.length, 'event')} saved: all that the filters leave.`,
    );
  };
  return (
    <FormDialog act={save} isOpen={isOpen} mayLeave onClose={close} title="Export events" word="Save the file">
      <p>
        Everything that the filters leave now, newest first, at most {counted(mostExported, 'event')}. A bundle of an
        incident or an action, which proves what it says, is exported on its own page.
      </p>
      <Select
        choices={formats}
        label="Format"
        onChange={(value) => setFormat(value === 'json' ? 'json' : 'csv')}
        value={format}
      />
      <p aria-live="polite" className="mute">
        {count === undefined ? '' : `${counted(count, 'event')} read …`}
      </p>
    </FormDialog>
  );
}
