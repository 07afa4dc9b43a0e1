import type { Endpoint } from './presences.ts';

export type System = Endpoint['platform'];

export interface CommandParts {
  readonly servers: readonly string[];
  /** PEM; null: whoever enrols has to bring the file. */
  readonly authority: string | null;
  readonly token: string;
  /** Separated as the system separates paths. */
  readonly roots: string;
  /** Directory of the agent. */
  readonly data: string;
}

/** Where agents keep their keys and what they inventory, unless somebody says otherwise. */
export const usualPlaces: Readonly<Record<System, Pick<CommandParts, 'roots' | 'data'>>> = {
  linux: { data: '/var/lib/custody-agent', roots: '/home:/srv:/usr/local' },
  macos: { data: '/usr/local/var/custody-agent', roots: '/Users' },
  windows: { data: 'C:\\ProgramData\\Custody', roots: 'C:\\Users' },
};

/** Commands for whoever has become root, or the administrator, on the machine, with `custody` in the search path. */
export function enrolCommands(system: System, parts: CommandParts): string {
  return system === 'windows' ? inPowerShell(parts) : inShell(system, parts);
}

function inShell(system: System, { servers, authority, token, roots, data }: CommandParts): string {
  const place = system === 'linux' && data === usualPlaces.linux.data ? '' : `--data ${quoted(data)} `;
  const to = servers.map((server) => `--server ${quoted(server)}`).join(' ');
  const run = system === 'linux' && place === '' ? 'systemctl start custody-agent' : `custody agent run ${place}`;
  return [
    ...(authority === null ? [] : [`cat > ca.pem <<'END'`, authority.trim(), 'END']),
    lines(
      ['custody agent enroll', `${to} --ca ca.pem`, `--token ${quoted(token)}`, `${place}--roots ${quoted(roots)}`],
      '\\',
    ),
    run.trim(),
  ].join('\n');
}

function inPowerShell({ servers, authority, token, roots, data }: CommandParts): string {
  const to = servers.map((server) => `--server ${quotedForPowerShell(server)}`).join(' ');
  const place = `--data ${quotedForPowerShell(data)}`;
  return [
    ...(authority === null ? [] : [`@'`, authority.trim(), `'@ | Set-Content -Encoding ascii ca.pem`]),
    lines(
      [
        'custody agent enroll',
        `${to} --ca ca.pem`,
        `--token ${quotedForPowerShell(token)}`,
        `${place} --roots ${quotedForPowerShell(roots)}`,
      ],
      '`',
    ),
    `custody agent run ${place}`,
  ].join('\n');
}

/** One command on several lines, as the shell takes it. */
function lines(parts: readonly string[], continued: string): string {
  return parts.join(` ${continued}\n  `);
}

/** Nothing that is typed into the page becomes a command of its own. */
function quoted(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}

function quotedForPowerShell(text: string): string {
  return /^[\w:./\\-]+$/.test(text) ? text : `'${text.replaceAll("'", "''")}'`;
}
