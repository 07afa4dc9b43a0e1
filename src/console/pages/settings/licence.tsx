import { useQuery } from '@tanstack/react-query';
import { serverQuery } from '../../app/queries.ts';
import { Badge } from '../../kit/badge.tsx';
import { Answered } from '../../kit/page-states.tsx';
import { licenceWords } from '../../words/licences.ts';
import { Card } from './card.tsx';
import { SetAtStart } from './set-at-start.tsx';

/** Which of the licences that the vendors' pages name this installation has. */
export function LicenceSection() {
  const query = useQuery(serverQuery);
  return (
    <Card title="Licence">
      <Answered query={query} what="the licence">
        {({ licences }) => (
          <div className="stack">
            <ul className="plain-list">
              {Object.entries(licenceWords).map(([name, words]) => {
                const isOn = licences.some((licence) => licence === name);
                return (
                  <li key={name}>
                    <Badge tone={isOn ? 'good' : 'mute'}>{isOn ? 'On' : 'Off'}</Badge> {words}
                  </li>
                );
              })}
            </ul>
            <p className="mute">
              Operations that the vendors sell with a licence are refused where it is off. None of them costs anything
              here: they are there so that programs meet what they would meet at the vendor.
            </p>
            <SetAtStart names={['CUSTODY_LICENSE']} />
          </div>
        )}
      </Answered>
    </Card>
  );
}
