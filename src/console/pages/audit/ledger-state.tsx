import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { client } from '../../app/client.ts';
import { Badge, type Tone } from '../../kit/badge.tsx';
import { Button } from '../../kit/button.tsx';
import { Facts } from '../../kit/facts.tsx';
import { Ago } from '../../kit/moment.tsx';
import { Answered } from '../../kit/page-states.tsx';
import { Raw } from '../../kit/raw.tsx';
import { counted } from '../../words/amounts.ts';
import type { SignatureState } from './checkpoint.ts';
import { forgetSeen, ledgerQuery } from './ledger-query.ts';

/** Whether the record can be believed: what was checked just now, here, and what nobody here can check. */
export function LedgerState() {
  const query = useQuery(ledgerQuery);
  return (
    <section aria-label="The record" className="card ledger-state">
      <Answered query={query} what="the state of the record">
        {(ledger) => (
          <>
            <h2>{counted(ledger.size, 'event')} on record</h2>
            <ul className="plain-list">
              <Signature state={ledger.signature} />
              <GrowthLine {...ledger} />
              <Disputes />
            </ul>
            <details>
              <summary>Checkpoint and key</summary>
              <Facts
                facts={[
                  ['Name of the record', ledger.origin],
                  ['Key to check with', <code key="key">{ledger.verifierKey}</code>],
                ]}
              />
              <Raw text={ledger.checkpoint} title="The signed checkpoint" />
              <p className="mute">
                With these, anybody can check the record without this server: <code>custody verify</code>.
              </p>
            </details>
          </>
        )}
      </Answered>
    </section>
  );
}

function Line({ tone, word, children }: { readonly tone: Tone; readonly word: string; readonly children: ReactNode }) {
  return (
    <li>
      <Badge tone={tone}>{word}</Badge> <span>{children}</span>
    </li>
  );
}

const signatureWords: Readonly<Record<SignatureState, readonly [tone: Tone, word: string, words: string]>> = {
  right: ['good', 'Signed', 'The newest checkpoint is signed with the record’s key; this browser has checked it.'],
  wrong: ['bad', 'Signature wrong', 'The newest checkpoint is not signed with the record’s key. Trust nothing below.'],
  unknown: [
    'mute',
    'Not checked',
    'This browser cannot check signatures of this kind. The command custody verify can.',
  ],
};

function Signature({ state }: { readonly state: SignatureState }) {
  const [tone, word, words] = signatureWords[state];
  return (
    <Line tone={tone} word={word}>
      {words}
    </Line>
  );
}

type Ledger = NonNullable<Awaited<ReturnType<NonNullable<typeof ledgerQuery.queryFn>>>>;

function GrowthLine({ growth, seen }: Pick<Ledger, 'growth' | 'seen'>) {
  const queries = useQueryClient();
  if (growth === 'first' || seen === undefined) {
    return (
      <Line tone="mute" word="Remembered">
        This browser has not seen the record before. From now on it remembers it, and sees whether it is changed.
      </Line>
    );
  }
  const when = <Ago at={new Date(seen.at).toISOString()} />;
  if (growth === 'grown') {
    return (
      <Line tone="good" word="Only added to">
        It still begins with the {counted(seen.size, 'event')} that this browser saw ({when}); checked by proof.
      </Line>
    );
  }
  const again = () => {
    forgetSeen();
    void queries.invalidateQueries(ledgerQuery);
  };
  return (
    <Line tone="bad" word={growth === 'changed' ? 'Changed' : 'Another record'}>
      {growth === 'changed'
        ? `It no longer begins with the ${counted(seen.size, 'event')} that this browser saw. Somebody changed what was on record, or an older backup was brought back. `
        : 'It has another name or key than the one that this browser saw here before. '}
      ({when}) <Button onPress={again}>Remember it as it is now</Button>
    </Line>
  );
}

function Disputes() {
  const { data } = useQuery({
    queryKey: ['events', 'disputes'],
    queryFn: () => client.listEvents({ type: ['ledger_disputed'], direction: 'descending', limit: 1 }),
  });
  const [dispute] = data?.items ?? [];
  if (data === undefined) {
    return null;
  }
  return dispute === undefined ? (
    <Line tone="good" word="Undisputed">
      Every agent remembers what it saw of the record. None has seen another one.
    </Line>
  ) : (
    <Line tone="bad" word="Disputed">
      An agent has seen another record than this (<Ago at={dispute.at} />
      ):{' '}
      <Link search={{ event: dispute.sequence }} to="/audit">
        event {dispute.sequence}
      </Link>
      .
    </Line>
  );
}
