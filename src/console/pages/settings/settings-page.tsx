import '../../style/settings.css';
import '../../style/tabs.css';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { type ReactNode, useEffect, useRef } from 'react';
import { meQuery } from '../../app/queries.ts';
import { PageHead } from '../../kit/page-head.tsx';
import { Empty } from '../../kit/page-states.tsx';
import type { Permission } from '../../words/permissions.ts';
import { AccountSection } from './account.tsx';
import { EmergencyStopSection } from './emergency-stop.tsx';
import { KeysSection } from './keys.tsx';
import { LicenceSection } from './licence.tsx';
import { ListsSection } from './lists.tsx';
import { PolicySection } from './policy.tsx';
import { RetentionSection } from './retention.tsx';
import { RolesSection } from './roles.tsx';
import { type SectionName, sectionNames, sections } from './sections.ts';
import { ServerSection } from './server.tsx';
import { UsersSection } from './users.tsx';
import { WebhooksSection } from './webhooks.tsx';

const route = getRouteApi('/shell/settings/$section');

const contents: Readonly<Record<SectionName, () => ReactNode>> = {
  account: AccountSection,
  users: UsersSection,
  roles: RolesSection,
  keys: KeysSection,
  licence: LicenceSection,
  lists: ListsSection,
  retention: RetentionSection,
  webhooks: WebhooksSection,
  policy: PolicySection,
  'emergency-stop': EmergencyStopSection,
  server: ServerSection,
};

/** One section at a time; those that somebody may not see are not offered. */
export function SettingsPage(): ReactNode {
  const { section } = route.useParams();
  const { data: me } = useQuery(meQuery);
  const name = sectionNames.find((each) => each === section);
  const navigation = useRef<HTMLElement>(null);
  useEffect(() => {
    // On a narrow screen the sections stand side by side, and the one that is open may be out of sight.
    const links = navigation.current?.querySelectorAll('a') ?? [];
    [...links].find(({ pathname }) => pathname.endsWith(`/${section}`))?.scrollIntoView({ block: 'nearest' });
  }, [section]);
  const may = (permission: Permission | null) => permission === null || me?.permissions.includes(permission) === true;
  return (
    <>
      <PageHead title={name === undefined ? 'Settings' : `Settings: ${sections[name].title}`} />
      <div className="settings">
        <nav aria-label="Settings" className="settings-nav" ref={navigation}>
          {sectionNames
            .filter((each) => may(sections[each].permission))
            .map((each) => (
              <Link key={each} params={{ section: each }} search={{}} to="/settings/$section">
                {sections[each].title}
              </Link>
            ))}
        </nav>
        <div className="settings-content">
          <Content may={may} name={name} />
        </div>
      </div>
    </>
  );
}

interface ContentProps {
  readonly name: SectionName | undefined;
  may(permission: Permission | null): boolean;
}

function Content({ name, may }: ContentProps) {
  if (name === undefined) {
    return <Empty title="There is no such section.">Choose one beside.</Empty>;
  }
  const Shown = contents[name];
  return may(sections[name].permission) ? (
    <Shown />
  ) : (
    <Empty title="Your role may not see this.">Ask an administrator: users, roles and keys are theirs.</Empty>
  );
}
