import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { client } from '../../app/client.ts';
import { readAll } from '../../app/read-all.ts';
import { Checkbox, Select, TextField } from '../../kit/fields.tsx';
import { ReasonDialog } from '../../kit/reason-dialog.tsx';
import { patternWords } from '../../words/about.ts';
import { counted } from '../../words/amounts.ts';
import type { Chip } from './search.ts';

type Pattern = Parameters<typeof client.startSearch>[0]['pattern'];
type Kind = Pattern['by'];

const kinds = Object.keys(patternWords).filter((kind): kind is Kind => kind in patternWords);

interface Looked {
  readonly by: Kind;
  readonly text: string;
}

/** What the query of the page would be on disks. */
function lookedFor(chips: readonly Chip[]): Looked {
  const hash = chips.find(({ field }) => field === 'sha256' || field === 'sha1' || field === 'md5');
  if (hash?.field === 'sha256' || hash?.field === 'sha1' || hash?.field === 'md5') {
    return { by: hash.field, text: hash.value };
  }
  const chip = chips.find(({ field }) => field === 'path' || field === 'name');
  if (chip === undefined) {
    return { by: 'glob', text: '' };
  }
  const { field, operator, value } = chip;
  if (field === 'path' && operator === 'is') {
    return { by: 'path', text: value };
  }
  const within = operator === 'contains' ? `*${value}*` : value;
  return { by: 'glob', text: within.startsWith('/') ? within : `/**/${within}` };
}

function patternOf({ by, text }: Looked): Pattern {
  switch (by) {
    case 'glob':
      return { by, glob: text };
    case 'path':
      return { by, path: text };
    case 'sha256':
      return { by, sha256: text };
    case 'sha1':
      return { by, sha1: text };
    case 'md5':
      return { by, md5: text };
    case 'regex':
      return { by, regex: text };
  }
}

/** As many as one order names. */
const mostNamed = 20_000;

function searchedOf(host: string) {
  return { ...(host !== '' && { hostNameContains: [host] }), revoked: 'false' } as const;
}

/** Every endpoint that is called so. @throws Error where they are more than one order may name */
async function idsOf(host: string): Promise<string[]> {
  const { items, total } = await readAll((at) => client.listEndpoints({ ...searchedOf(host), ...at }), {
    idOf: ({ id }) => id,
    most: mostNamed,
  });
  if (total > mostNamed) {
    throw new Error(
      `One search names at most ${counted(mostNamed, 'endpoint')}, and ${counted(total, 'endpoint')} are called so: say more of the name, or search all.`,
    );
  }
  return items.map(({ id }) => id);
}

interface LiveSearchDialogProps {
  readonly chips: readonly Chip[];
  readonly isOpen: boolean;
  onClose(): void;
  onStarted(actionId: string): void;
}

/** Has endpoints look for files themselves: on their disks as they are now, also where nothing is inventoried. */
export function LiveSearchDialog({ chips, isOpen, onClose, onStarted }: LiveSearchDialogProps) {
  const [changed, setLooked] = useState<Looked>();
  const looked = changed ?? lookedFor(chips);
  const [host, setHost] = useState('');
  const [under, setUnder] = useState('');
  const [live, setLive] = useState(true);
  const queries = useQueryClient();
  const queryKey = ['endpoints', 'searched', host];
  const { data: found } = useQuery({
    queryKey,
    queryFn: () => client.listEndpoints({ ...searchedOf(host), limit: 1 }),
    enabled: isOpen,
  });
  const close = () => {
    setLooked(undefined);
    onClose();
  };
  return (
    <ReasonDialog
      act={async () => {
        if (found === undefined) {
          throw new Error('It is not known yet which endpoints are meant.');
        }
        const endpointIds = host === '' ? 'all' : await idsOf(host);
        if (endpointIds !== 'all' && endpointIds.length !== found.total) {
          await queries.invalidateQueries({ queryKey });
          throw new Error(`They are ${counted(endpointIds.length, 'endpoint')} by now. Look again, then search.`);
        }
        const { id } = await client.startSearch({
          endpointIds,
          pattern: patternOf({ ...looked, text: looked.text.trim() }),
          live,
          ...(live && under !== '' && { under }),
        });
        onStarted(id);
      }}
      isOpen={isOpen}
      onClose={close}
      takesReason={false}
      title={`Search ${found === undefined ? 'endpoints' : counted(found.total, 'endpoint')}?`}
      word="Search"
    >
      <Select
        choices={kinds.map((value) => ({ value, label: patternWords[value] }))}
        label="By"
        onChange={(by) => setLooked({ ...looked, by: kinds.find((kind) => kind === by) ?? looked.by })}
        value={looked.by}
      />
      <TextField
        autoFocus
        isRequired
        label="What to look for"
        onChange={(text) => setLooked({ ...looked, text })}
        value={looked.text}
      />
      <TextField
        help="Empty: all endpoints. Those that are away answer when they return."
        label="Only endpoints whose host name contains"
        onChange={(text) => setHost(text.trim())}
        value={host}
      />
      <Checkbox isSelected={live} onChange={setLive}>
        Look at the disks as they are now, not at the indexes that agents keep
      </Checkbox>
      {live && (
        <TextField
          help="Empty: below the directories that each agent inventories."
          label="Only below this directory"
          onChange={(text) => setUnder(text.trim())}
          value={under}
        />
      )}
      <p className="mute">Nothing on the endpoints changes.</p>
    </ReasonDialog>
  );
}
