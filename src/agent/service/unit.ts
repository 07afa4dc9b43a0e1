import { Fault } from '#core/fault.ts';

export interface UnitPlaces {
  /** Absolute, on the machine itself. */
  readonly program: string;
  readonly data: string;
}

/**
 * What each capability is for. They are all that the agent's work needs, and no more: without any one of them the named
 * thing failed when each was left out in turn (`setpriv --bounding-set`). DAC_OVERRIDE covers DAC_READ_SEARCH; files with the
 * flags +i and +a are never taken, so that LINUX_IMMUTABLE is not needed to give those flags back.
 */
const capabilities = {
  CAP_DAC_OVERRIDE: 'reach, take and put back files in directories of other users that are closed to everybody else',
  CAP_CHOWN: 'give a restored file its owner and group',
  CAP_FOWNER: 'mode, times, attributes and flags of a restored file that has its owner again',
  CAP_FSETID: 'keep setuid and setgid bits on a restored file',
  CAP_SETFCAP: 'file capabilities of a restored file',
  CAP_SYS_ADMIN: 'trusted extended attributes, which nobody else even sees',
  CAP_SYS_PTRACE: 'which processes run a file: /proc/PID/exe of other users',
} as const;

/** The systemd unit of the agent. @throws Fault `invalid_request` for a path that a unit file cannot hold. */
export function unitText({ program, data }: UnitPlaces): string {
  const words = [program, 'agent', 'run', '--data', data].map(word);
  return `# Written by "custody agent install". Settings of your own belong into a drop-in: systemctl edit custody-agent
[Unit]
Description=Custody agent, which fetches, quarantines and restores files by signed orders
Documentation=file:/usr/share/doc/custody-agent/agent.md
After=network-online.target
Wants=network-online.target
# Until "custody agent enroll" has made it.
ConditionPathExists=${word(data)}/identity.json
StartLimitIntervalSec=0

[Service]
Type=exec
ExecStart=${words.join(' ')}
Restart=always
RestartSec=10
# The agent stops its children itself, so that what they had begun is known to have been stopped.
KillMode=mixed
TimeoutStopSec=60
# Code that lies in a directory of somebody else is never loaded; nothing is inherited from the environment.
WorkingDirectory=/
UnsetEnvironment=BUN_OPTIONS BUN_BE_BUN BUN_INSTALL LD_PRELOAD LD_LIBRARY_PATH
UMask=0077

# The machine's own work goes first.
Nice=10
CPUWeight=20
CPUSchedulingPolicy=batch
IOSchedulingClass=idle
IOWeight=10
MemoryHigh=768M
MemoryMax=1G
TasksMax=256
LimitNOFILE=65536
LimitCORE=0
OOMPolicy=continue

# It must see and change every file as it really is. So there is no ProtectSystem, ProtectHome, PrivateTmp or PrivateDevices,
# which would hide places where malware lies, and no ProtectKernelModules, which would hide /usr/lib/modules: the capability
# and the system calls that load modules are taken away instead. No ProtectHostname: it would freeze the name that the agent
# reports. No RestrictSUIDSGID: a restored file gets its bits back. No MemoryDenyWriteExecute: the runtime compiles just in time.
NoNewPrivileges=yes
CapabilityBoundingSet=${Object.keys(capabilities).join(' ')}
AmbientCapabilities=
ProtectClock=yes
ProtectKernelLogs=yes
ProtectKernelTunables=yes
ProtectControlGroups=yes
LockPersonality=yes
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX AF_NETLINK
KeyringMode=private
SystemCallArchitectures=native
SystemCallFilter=@system-service
SystemCallFilter=~@clock @cpu-emulation @debug @module @mount @obsolete @raw-io @reboot @swap sethostname setdomainname
SystemCallErrorNumber=EPERM

[Install]
WantedBy=multi-user.target
`;
}

/** One word of a unit file; a percent sign would begin a specifier. */
function word(text: string): string {
  if (!/^\/?[\w./:@+,=~-]+$/.test(text)) {
    throw new Fault('invalid_request', `"${text}" cannot stand in a unit file: use letters, digits and ./_-+:@ only.`);
  }
  return text;
}
