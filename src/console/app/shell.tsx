import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, Outlet, useNavigate } from '@tanstack/react-router';
import { useCallback, useState } from 'react';
import { Menu, MenuItem, MenuTrigger, Popover } from 'react-aria-components';
import { Badge, type Tone } from '../kit/badge.tsx';
import { Button } from '../kit/button.tsx';
import { Notices } from '../kit/notices.tsx';
import { client } from './client.ts';
import { type Liveness, useLive } from './live.ts';
import { pagesFor } from './nav.ts';
import { Palette } from './palette.tsx';
import { type Me, meQuery, type Permission, serverQuery } from './queries.ts';
import { useShortcuts } from './shortcuts.ts';
import { applyTheme, nextTheme, useTheme } from './theme.ts';

const livenessWords: Readonly<Record<Liveness, { readonly label: string; readonly tone: Tone }>> = {
  live: { label: 'Live', tone: 'good' },
  reconnecting: { label: 'Reconnecting', tone: 'busy' },
  off: { label: 'Not live', tone: 'mute' },
};

const nothing: readonly Permission[] = [];

/** What stands around every page: where one is, who one is, and whether what is shown follows the server. */
export function Shell() {
  const { data: me } = useQuery(meQuery);
  const [isPaletteOpen, setPaletteOpen] = useState(false);
  const openPalette = useCallback(() => setPaletteOpen(true), []);
  const liveness = useLive(useQueryClient(), me?.permissions.includes('events.read') ?? false);
  useShortcuts(me?.permissions ?? nothing, openPalette);
  if (me === null || me === undefined) {
    return null;
  }
  return (
    <div className="shell">
      <a className="skip" href="#content">
        Skip to the content
      </a>
      <header className="top">
        <Link className="brand" to="/">
          <img alt="" height="24" src="/console/mark.svg" width="24" /> Custody
        </Link>
        <Button look="quiet" onPress={() => setPaletteOpen(true)}>
          <span className="palette-hint">
            Find anything <kbd>Ctrl K</kbd>
          </span>
        </Button>
        <span className="grow" />
        <Badge tone={livenessWords[liveness].tone}>{livenessWords[liveness].label}</Badge>
        <PersonMenu me={me} />
      </header>
      <nav aria-label="Pages" className="side">
        {pagesFor(me.permissions).map(({ path, title, key }) => (
          <Link activeOptions={{ exact: path === '/' }} key={path} title={`g, then ${key}`} to={path}>
            {title}
          </Link>
        ))}
      </nav>
      <main className="content" id="content" tabIndex={-1}>
        <ServerBanners />
        <Outlet />
      </main>
      <Palette isOpen={isPaletteOpen} onClose={() => setPaletteOpen(false)} />
      <Notices />
    </div>
  );
}

/** What everybody must know, on whichever page. */
function ServerBanners() {
  const { data: server } = useQuery(serverQuery);
  if (server === undefined) {
    return null;
  }
  const { emergencyStop, evidence } = server;
  return (
    <>
      {emergencyStop !== null && (
        <p className="banner bad" role="alert">
          The emergency stop is engaged by {emergencyStop.by.name}: nothing is fetched, quarantined or deleted. Restores
          go on. Reason: {emergencyStop.reason}
        </p>
      )}
      {evidence.state !== 'ready' && evidence.state !== 'off' && (
        <p className="banner bad" role="alert">
          Fetched files cannot be stored now: {evidence.message}
        </p>
      )}
    </>
  );
}

function PersonMenu({ me }: { readonly me: Me }) {
  const navigate = useNavigate();
  const queries = useQueryClient();
  const theme = useTheme();
  const logOut = async () => {
    await client.logOut().catch(() => undefined);
    queries.clear();
    await navigate({ to: '/log-in', search: { to: '/' } });
  };
  return (
    <MenuTrigger>
      <Button look="quiet">{me.name} ▾</Button>
      <Popover className="popover" placement="bottom end">
        <Menu aria-label="You" className="menu">
          <MenuItem className="menu-item" isDisabled>
            {me.role}
          </MenuItem>
          <MenuItem className="menu-item" onAction={() => applyTheme(nextTheme[theme])}>
            Colours: {theme}
          </MenuItem>
          <MenuItem className="menu-item" onAction={() => void logOut()}>
            Log out
          </MenuItem>
        </Menu>
      </Popover>
    </MenuTrigger>
  );
}
