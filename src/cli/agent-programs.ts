/** Which of an agent's data a command is about. */
export interface AgentPlace {
  readonly dataDirectory: string;
  /** The policy of the endpoint, where it is not in its usual place. */
  readonly policy?: string;
}

export interface AgentStatus {
  readonly standing: 'connected' | 'disconnected' | 'stopped' | 'not_enrolled';
  readonly enrolled: {
    readonly endpointId: string;
    readonly endpointNumber: number;
    readonly servers: readonly string[];
  } | null;
  readonly pid: number | null;
  readonly agentVersion: string | null;
  /** Milliseconds since 1970, here and below; null: not known. */
  readonly startedAt: number | null;
  readonly lastContact: number | null;
  readonly trouble: string | null;
  /** Bytes. */
  readonly vault: { readonly files: number; readonly stored: number; readonly quota: number | null };
  readonly openTasks: number;
  /** Verbs that a server has halted. */
  readonly halted: readonly string[];
  readonly unsentReports: number;
  readonly policy: { readonly file: string; readonly rules: number | null; readonly trouble: string | null };
  readonly limitations: readonly string[];
}

/** One quarantined file on this machine; null where only the object itself knows. */
export interface HeldObject {
  readonly vaultObject: string;
  readonly state: string;
  readonly path: string | null;
  readonly sha256: string | null;
  readonly size: number | null;
  readonly stored: number;
  readonly takenAt: number | null;
}

/** What a change of the vault's key came to. */
export interface Rekeyed {
  readonly recipient: string;
  /** Objects that have the new key. */
  readonly rewrapped: number;
  /** Objects that could not be opened, and were left as they were. */
  readonly left: readonly string[];
}

/** How a restore that was brought to a machine ended there. */
export interface CarriedEnd {
  readonly actionId: string;
  /** It was carried out before, and nothing was done now. */
  readonly isRepeated: boolean;
  readonly files: readonly {
    readonly path: string | null;
    readonly outcome: string;
    readonly succeeded: boolean;
    readonly message: string;
  }[];
}

/** What the administrator of one machine changes about whom its agent trusts; what is left out stays. */
export interface TrustChange extends ProxyOptions {
  readonly dataDirectory: string;
  /** Base URLs, in the order in which they are tried. */
  readonly servers?: readonly string[];
  /** A file with the authorities to trust, PEM. */
  readonly caFile?: string;
}

/** How a machine reaches the outside. */
export interface ProxyOptions {
  /** `http://` or `https://`; `none` where there was one and shall be none. */
  readonly proxy?: string;
  /** Servers that are reached without it, as in `NO_PROXY`. */
  readonly noProxy?: string;
  /** A file with the authority of an `https://` proxy, PEM. */
  readonly proxyCaFile?: string;
}

/** Whom an agent trusts, and where it looks for its server. */
export interface TrustFacts {
  readonly endpointId: string;
  readonly servers: readonly string[];
  readonly authorities: number;
  readonly proxy: string | null;
}

export interface AgentInstallation {
  readonly root?: string;
  readonly program?: string;
  readonly dataDirectory?: string;
  readonly dryRun?: boolean;
}

export interface AgentRemoval {
  readonly root?: string;
  readonly dataDirectory?: string;
  readonly dryRun?: boolean;
  readonly vault?: 'restore-all' | 'keep-vault' | 'purge-vault';
}

/** What an administrator does on the machine of an agent. None of it needs a server, nor a running agent. */
export interface AgentService {
  status(place: AgentPlace): Promise<AgentStatus>;
  vault(place: AgentPlace): Promise<readonly HeldObject[]>;
  /** Gives the vault of a stopped agent a new key of the device. */
  rekey(place: AgentPlace): Promise<Rekeyed>;
  /** Carries out a restore that somebody brought here as text; the journal sees to it that this happens once. */
  restore(wish: AgentPlace & { readonly token: string }): Promise<CarriedEnd>;
  /** Without anything to change it tells what holds. */
  trust(change: TrustChange): Promise<TrustFacts>;
  /** @returns what was done, or would be, in words. */
  install(wish: AgentInstallation): Promise<readonly string[]>;
  uninstall(wish: AgentRemoval): Promise<readonly string[]>;
}
