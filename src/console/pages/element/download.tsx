import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import { client } from '../../app/client.ts';
import { useMay } from '../../app/may.ts';
import { Badge } from '../../kit/badge.tsx';
import { Button } from '../../kit/button.tsx';
import { tell } from '../../kit/notices.tsx';
import type { File } from '../../words/files.ts';
import { outcomeWords } from '../../words/outcomes.ts';
import { isOpen, statusWords } from '../../words/statuses.ts';

const lookAgain = 1_500;

/** Fetches the file from its endpoint, says how far that is, and offers it for download when it is there. */
export function Download({ file }: { readonly file: File }) {
  const mayFetch = useMay('files.fetch');
  const mayDownload = useMay('evidence.download');
  const [actionId, setActionId] = useState<string>();
  const begin = async () => {
    try {
      const { action } = await client.startFetch({ guids: [file.guid] });
      setActionId(action.id);
    } catch (failure) {
      tell(failure instanceof Error ? failure.message : String(failure), 'bad');
    }
  };
  if (actionId === undefined) {
    return (
      <div>
        <Button
          look="main"
          onPress={() => void begin()}
          refusal={mayFetch ? undefined : 'Your role may not fetch files.'}
        >
          Download the file
        </Button>
      </div>
    );
  }
  return <Progress actionId={actionId} mayDownload={mayDownload} onAgain={() => setActionId(undefined)} />;
}

interface ProgressProps {
  readonly actionId: string;
  readonly mayDownload: boolean;
  onAgain(): void;
}

function Progress({ actionId, mayDownload, onAgain }: ProgressProps) {
  const { data: action } = useQuery({
    queryKey: ['actions', actionId],
    queryFn: () => client.readAction(actionId),
    refetchInterval: ({ state }) => (state.data !== undefined && !isOpen(state.data.status) ? false : lookAgain),
  });
  const [outcome] = action?.tasks[0]?.files ?? [];
  const isReady = outcome?.outcome === 'done';
  useEffect(() => {
    if (isReady) {
      tell('The file is here and can be downloaded.');
    }
  }, [isReady]);
  if (action === undefined) {
    return null;
  }
  return (
    <section aria-live="polite" className="card progress">
      <Badge tone={statusWords[action.status].tone}>{statusWords[action.status].label}</Badge>{' '}
      <Link params={{ actionId }} to="/actions/$actionId">
        Action {actionId}
      </Link>{' '}
      {outcome !== undefined && !isReady && (
        <>
          {outcomeWords[outcome.outcome].label}. {outcome.message} <Button onPress={onAgain}>Try again</Button>
        </>
      )}
      {isReady &&
        (mayDownload ? (
          <a className="button main" download href={`/api/v1/actions/${actionId}/download`}>
            Save the archive
          </a>
        ) : (
          'It is on the server. Your role may not download it.'
        ))}
      {isOpen(action.status) && <span className="mute">An endpoint that is away sends it when it returns.</span>}
    </section>
  );
}
