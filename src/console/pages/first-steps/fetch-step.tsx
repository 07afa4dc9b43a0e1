import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { client } from '../../app/client.ts';
import { useMay } from '../../app/may.ts';
import { untilEnded } from '../../app/until-ended.ts';
import { Badge } from '../../kit/badge.tsx';
import { Button } from '../../kit/button.tsx';
import { useDoing } from '../../kit/doing.ts';
import { FilterField } from '../../kit/filter-field.tsx';
import { Answered } from '../../kit/page-states.tsx';
import { safeText } from '../../kit/safe-text.ts';
import { ShownText } from '../../kit/shown-text.tsx';
import { bytesText, counted } from '../../words/amounts.ts';
import type { File } from '../../words/files.ts';
import { outcomeWords } from '../../words/outcomes.ts';
import { isOpen, statusWords } from '../../words/statuses.ts';

const mostShown = 6;
const lookAgain = 1_500;

/** A file is chosen by a part of its path, and fetched. */
export function FetchStep({ isReady }: { readonly isReady: boolean }) {
  const mayFetch = useMay('files.fetch');
  const [path, setPath] = useState('');
  const [actionId, setActionId] = useState<string>();
  const [isBusy, begin] = useDoing();
  const fetchFile = ({ guid }: File) =>
    begin(async () => {
      const { action } = await client.startFetch({ guids: [guid], reason: 'First steps' });
      setActionId(action.id);
    });
  if (!isReady) {
    return <p>Its bytes come to this server, checked against their hash; on the machine nothing changes.</p>;
  }
  return (
    <>
      <p>Its bytes come to this server, checked against their hash; on the machine nothing changes.</p>
      <FilterField label="Part of a path" onChange={setPath} value={path} />
      <Choices
        onChoose={fetchFile}
        path={path}
        refusal={mayFetch ? undefined : 'Your role may not fetch files.'}
        {...{ isBusy }}
      />
      {actionId !== undefined && <Progress actionId={actionId} />}
    </>
  );
}

interface ChoicesProps {
  readonly path: string;
  readonly isBusy: boolean;
  readonly refusal: string | undefined;
  onChoose(file: File): void;
}

function Choices({ path, isBusy, refusal, onChoose }: ChoicesProps) {
  const conditions =
    path === '' ? [] : [{ field: 'path' as const, operator: 'contains_ignore_case' as const, values: [path] }];
  const query = useQuery({
    queryKey: ['files', 'to-fetch', path],
    queryFn: () => client.findFiles({ conditions, states: ['present'], limit: mostShown }),
  });
  return (
    <Answered query={query} what="the files">
      {({ items, total }) => (
        <>
          <ul aria-label="Files" className="choices">
            {items.map((file) => (
              <li key={file.guid}>
                <span>
                  <ShownText text={file.path} /> <span className="mute">{bytesText(file.size)}</span>
                </span>
                <Button
                  aria-label={`Fetch ${safeText(file.path)}`}
                  isPending={isBusy}
                  onPress={() => onChoose(file)}
                  refusal={refusal}
                >
                  Fetch
                </Button>
              </li>
            ))}
          </ul>
          <p className="mute">{total === 0 ? 'No file has this in its path.' : `${counted(total, 'file')} in all.`}</p>
        </>
      )}
    </Answered>
  );
}

function Progress({ actionId }: { readonly actionId: string }) {
  const { data: action } = useQuery({
    queryKey: ['actions', actionId],
    queryFn: () => client.readAction(actionId),
    refetchInterval: untilEnded(lookAgain, ({ status }) => !isOpen(status)),
  });
  if (action === undefined) {
    return null;
  }
  const [file] = action.tasks[0]?.files ?? [];
  return (
    <p aria-live="polite">
      <Badge tone={statusWords[action.status].tone}>{statusWords[action.status].label}</Badge>{' '}
      <Link params={{ actionId }} to="/actions/$actionId">
        The order
      </Link>
      {file !== undefined && file.outcome !== 'done' && `: ${outcomeWords[file.outcome].label}. ${file.message}`}
      {isOpen(action.status) && ': on its way.'}
    </p>
  );
}
