import { useQuery } from '@tanstack/react-query';
import { client } from '../../app/client.ts';
import { useMay } from '../../app/may.ts';
import { Answered } from '../../kit/page-states.tsx';
import { ShownText } from '../../kit/shown-text.tsx';
import { SimpleTable } from '../../kit/simple-table.tsx';
import { type Setting, settingSourceWords } from '../../words/server.ts';

export const installationQuery = {
  queryKey: ['server', 'installation'],
  queryFn: () => client.readInstallation(),
  staleTime: 60_000,
} as const;

interface SetAtStartProps {
  readonly names: readonly string[];
  /** Where the page says already that these are changed elsewhere. */
  readonly isSaid?: boolean;
}

export function ChangedElsewhere() {
  return (
    <p className="mute">
      These hold from the server’s start to its end: change them where it is started, in the environment, as a flag or
      in custody.toml, and start it anew.
    </p>
  );
}

/** What is decided when the server starts, by which variable, and that it is changed there. */
export function SetAtStart({ names, isSaid = false }: SetAtStartProps) {
  const query = useQuery({ ...installationQuery, enabled: useMay('server.manage') });
  if (!useMay('server.manage')) {
    return <p className="mute">Set where the server is started: {names.join(', ')}. Your role may not see how.</p>;
  }
  return (
    <Answered query={query} what="the settings">
      {({ settings }) => (
        <>
          <SettingsTable
            label="Settings"
            settings={names.flatMap((name) => settings.find((setting) => setting.name === name) ?? [])}
          />
          {!isSaid && <ChangedElsewhere />}
        </>
      )}
    </Answered>
  );
}

export function SettingsTable({ label, settings }: { readonly label: string; readonly settings: readonly Setting[] }) {
  return (
    <SimpleTable
      columns={[
        { title: 'What', show: (setting) => <SettingName setting={setting} /> },
        { title: 'Value', show: (setting) => <SettingValue setting={setting} /> },
        { title: 'Set in', show: ({ source }) => (source === null ? 'default' : settingSourceWords[source]) },
      ]}
      label={label}
      rowId={({ name }) => name}
      rows={settings}
    />
  );
}

function SettingName({ setting: { name, help } }: { readonly setting: Setting }) {
  return (
    <>
      {help.charAt(0).toUpperCase() + help.slice(1)}
      <div className="mute">
        <code>{name}</code>
      </div>
    </>
  );
}

function SettingValue({ setting: { source, value, fallback } }: { readonly setting: Setting }) {
  if (source === null) {
    return <span>{fallback ?? 'none'}</span>;
  }
  return value === null ? (
    <span className="mute">set, and secret</span>
  ) : (
    <strong>
      <ShownText text={value} />
    </strong>
  );
}
