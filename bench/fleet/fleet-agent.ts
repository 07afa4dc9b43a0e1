export interface ServerAddress {
  readonly url: string;
  readonly caPem: string;
}

export interface FleetCounts {
  welcomed: number;
  recorded: number;
}

/** What an agent tells its fleet. */
export interface FleetBook {
  readonly counts: FleetCounts;
  /** The server has confirmed one outcome. */
  recorded(): void;
}

/** One connection of a fleet, to whichever server. */
export interface FleetAgent {
  enrol(token: string): Promise<void>;
  connect(): void;
  close(): void;
}
