import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { Client } from '#sdk/client.ts';
import { client } from '../../app/client.ts';
import { useMay } from '../../app/may.ts';
import { Badge } from '../../kit/badge.tsx';
import { Button } from '../../kit/button.tsx';
import { Facts } from '../../kit/facts.tsx';
import { Moment } from '../../kit/moment.tsx';
import { tell } from '../../kit/notices.tsx';
import { Answered } from '../../kit/page-states.tsx';
import { ReasonDialog } from '../../kit/reason-dialog.tsx';
import { ShownText } from '../../kit/shown-text.tsx';
import { counted } from '../../words/amounts.ts';
import { type ActionVerb, verbWords } from '../../words/statuses.ts';
import { Card } from './card.tsx';

type Stop = Awaited<ReturnType<Client['readEmergencyStop']>>;

/** One switch that halts, in the whole fleet, what takes files and what deletes them. */
export function EmergencyStopSection() {
  const query = useQuery({
    queryKey: ['emergency-stop'],
    queryFn: () => client.readEmergencyStop(),
    refetchInterval: 5_000,
  });
  return (
    <Answered query={query} what="the emergency stop">
      {(shown) => <Switch shown={shown} />}
    </Answered>
  );
}

function Switch({ shown }: { readonly shown: Stop }) {
  const { stop, agents } = shown;
  const [question, setQuestion] = useState<'engage' | 'release'>();
  const mayEngage = useMay('emergency.stop');
  const mayRelease = useMay('emergency.release');
  const isAllowed = stop === null ? mayEngage : mayRelease;
  const refusal = isAllowed ? undefined : `Your role may not ${stop === null ? 'engage' : 'release'} it.`;
  return (
    <Card
      buttons={
        <Button
          look={stop === null ? 'danger' : 'main'}
          onPress={() => setQuestion(stop === null ? 'engage' : 'release')}
          refusal={refusal}
        >
          {stop === null ? 'Engage the emergency stop …' : 'Release it …'}
        </Button>
      }
      isWarned={stop !== null}
      title="Emergency stop"
    >
      <div className="stack">
        <p>
          {stop === null ? (
            <Badge tone="good">Not engaged: everything goes its way.</Badge>
          ) : (
            <Badge tone="bad">Engaged: nothing is taken and nothing is deleted.</Badge>
          )}
        </p>
        {stop !== null && (
          <Facts
            facts={[
              ['By', <ShownText key="b" text={stop.by.name} />],
              ['Since', <Moment at={stop.engagedAt} key="s" />],
              ['Reason', <ShownText key="r" text={stop.reason} />],
            ]}
          />
        )}
        <Reach shown={shown} />
        <Facts
          facts={[
            ['Connected agents', agents.connected],
            [stop === null ? 'Know that it is off' : 'Have it on disk', agents.confirmed],
            ['Too old to know it', agents.tooOld],
          ]}
        />
        {agents.tooOld > 0 && (
          <p>
            <Badge tone="bad">{counted(agents.tooOld, 'agent')} may still begin what they were handed before.</Badge>
          </p>
        )}
      </div>
      <EngageDialog close={() => setQuestion(undefined)} isOpen={question === 'engage'} shown={shown} />
      <ReleaseDialog close={() => setQuestion(undefined)} isOpen={question === 'release'} shown={shown} />
    </Card>
  );
}

/** What it halts and what goes on, by the server's own list. */
function Reach({ shown: { halts } }: { readonly shown: Stop }) {
  const others = (Object.keys(verbWords) as ActionVerb[]).filter((verb) => !halts.includes(verb));
  const named = (verbs: readonly ActionVerb[]) => verbs.map((verb) => verbWords[verb].toLowerCase()).join(', ');
  return (
    <ul className="meaning">
      <li>
        <strong>Stops:</strong> {named(halts)}. New orders are recorded and wait; their deadlines run on. A file that is
        begun is brought to its end.
      </li>
      <li>
        <strong>Goes on:</strong> {named(others)}, and cancelling.
      </li>
      <li>Agents that are away hear of it when they connect, before any order. It holds over restarts.</li>
    </ul>
  );
}

interface AskedStop {
  readonly shown: Stop;
  readonly isOpen: boolean;
  close(): void;
}

function useChangedStop(): (words: string) => Promise<void> {
  const queries = useQueryClient();
  return async (words) => {
    await queries.invalidateQueries({ queryKey: ['emergency-stop'] });
    await queries.invalidateQueries({ queryKey: ['server'] });
    tell(words);
  };
}

function EngageDialog({ shown, isOpen, close }: AskedStop) {
  const changed = useChangedStop();
  return (
    <ReasonDialog
      act={async (reason) => {
        await client.engageEmergencyStop({ reason });
        await changed('The emergency stop is engaged.');
      }}
      isDanger
      isOpen={isOpen}
      needsReason
      onClose={close}
      title="Engage the emergency stop for the whole fleet?"
      word="Stop it now"
    >
      <Reach shown={shown} />
    </ReasonDialog>
  );
}

function ReleaseDialog({ isOpen, close }: AskedStop) {
  const changed = useChangedStop();
  return (
    <ReasonDialog
      act={async (reason) => {
        await client.releaseEmergencyStop({ reason });
        await changed('The emergency stop is released: what waited leaves.');
      }}
      isDanger
      isOpen={isOpen}
      needsReason
      onClose={close}
      title="Release the emergency stop?"
      word="Let it go on"
    >
      <p>
        What waited leaves at once, on every endpoint, where its deadline has not passed. Cancel first, in the Action
        Center, what must not happen any more.
      </p>
    </ReasonDialog>
  );
}
