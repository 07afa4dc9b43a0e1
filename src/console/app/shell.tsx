import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, Outlet, useNavigate } from '@tanstack/react-router';
import { useCallback, useEffect, useRef, useState, useSyncExternalStore } from 'react';
import { Menu, MenuItem, MenuTrigger, Popover } from 'react-aria-components';
import { ApiError } from '#sdk/api-error.ts';
import { Badge, type Tone } from '../kit/badge.tsx';
import { Button } from '../kit/button.tsx';
import { Notices, tell } from '../kit/notices.tsx';
import type { Me } from '../words/people.ts';
import type { Permission } from '../words/permissions.ts';
import { Banners } from './banners.tsx';
import { client } from './client.ts';
import { FetchesWatched } from './fetches-watched.tsx';
import { forgetOthers, forgetPerson } from './forget-person.ts';
import { type Liveness, useLive } from './live.ts';
import { pagesFor } from './nav.ts';
import { Palette } from './palette.tsx';
import { meQuery } from './queries.ts';
import { useReach } from './reach.ts';
import { useShortcuts } from './shortcuts.ts';
import { chooseTheme, chosenTheme, onTheme, type Theme } from './theme.ts';

const livenessWords: Readonly<Record<Liveness, { readonly label: string; readonly tone: Tone }>> = {
  live: { label: 'Live', tone: 'good' },
  reconnecting: { label: 'Reconnecting', tone: 'busy' },
  off: { label: 'Not live', tone: 'mute' },
};

const nothing: readonly Permission[] = [];

/** What stands around every page: where one is, who one is, and whether what is shown follows the server. */
export function Shell() {
  const { data } = useQuery(meQuery);
  const isReached = useReach();
  const [isPaletteOpen, setPaletteOpen] = useState(false);
  const openPalette = useCallback(() => setPaletteOpen(true), []);
  const followed = useLive(useQueryClient(), data?.permissions.includes('events.read') ?? false);
  const liveness = isReached ? followed : 'reconnecting';
  const me = useLast(data);
  useSomebodyElse(me);
  useShortcuts(me?.permissions ?? nothing, openPalette);
  if (me === undefined) {
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
            Find<span className="wide-only"> anything</span> <kbd>Ctrl K</kbd>
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
        <Banners isLoggedIn={data !== null} />
        <Outlet />
      </main>
      <Palette isOpen={isPaletteOpen} onClose={() => setPaletteOpen(false)} />
      <FetchesWatched />
      <Notices />
    </div>
  );
}

/** A session that ends takes nobody's page away: what was typed stays, and so does who had logged in. */
function useLast(me: Me | null | undefined): Me | undefined {
  const last = useRef<Me>(undefined);
  if (me !== null && me !== undefined) {
    last.current = me;
  }
  return last.current;
}

/** Of three, one after another. */
const nextTheme: Readonly<Record<Theme, Theme>> = { system: 'dark', dark: 'light', light: 'system' };

/** Somebody else has logged in, in another tab: what was shown to the one before is not for them. */
function useSomebodyElse(me: Me | undefined): void {
  const queries = useQueryClient();
  const before = useRef(me?.id);
  useEffect(() => {
    if (me !== undefined && before.current !== undefined && before.current !== me.id) {
      forgetOthers(queries, me.id);
    }
    before.current = me?.id;
  }, [me, queries]);
}

function PersonMenu({ me }: { readonly me: Me }) {
  const navigate = useNavigate();
  const queries = useQueryClient();
  const theme = useSyncExternalStore(onTheme, chosenTheme);
  const logOut = async () => {
    try {
      await client.logOut();
    } catch (failure) {
      if (!hasEnded(failure)) {
        tell(`You are still logged in: ${failure instanceof Error ? failure.message : String(failure)}`, 'bad');
        return;
      }
    }
    forgetPerson(queries);
    await navigate({ to: '/log-in', search: { to: '/' } });
  };
  return (
    <MenuTrigger>
      <Button look="quiet">
        <span className="person-name">{me.name}</span> ▾
      </Button>
      <Popover className="popover" placement="bottom end">
        <Menu aria-label="You" className="menu">
          <MenuItem className="menu-item" isDisabled>
            {me.role}
          </MenuItem>
          <MenuItem className="menu-item" onAction={() => chooseTheme(nextTheme[theme])}>
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

/** Then there was no session any more. */
function hasEnded(failure: unknown): boolean {
  return failure instanceof ApiError && failure.status === 401;
}
