import type { Net } from '#core/ports/net.ts';
import type { Reach } from '../identity/identity.ts';
import type { Route } from './route.ts';
import { secureNet } from './secure-net.ts';

export interface ServersTools {
  /** What the disk says now; somebody may have changed it by hand. @throws when it cannot be read. */
  read(): Promise<Reach>;
  /** How a server is asked whether it is there. Default: over TLS, as all else. */
  readonly netOf?: (route: () => Route) => Pick<Net, 'request'>;
}

/** What the link needs of the servers. */
export interface ServerChoice {
  /** Whether the first of them is the one in use. */
  readonly isFirst: boolean;
  /**
   * A connection has ended: the next goes to the next server, or to the first after one that was welcomed.
   * @returns whether all have now been tried since the last welcome, and it is time to wait.
   */
  ended(welcomed: boolean): boolean;
  /** Takes up what was changed by hand. Never rejects. */
  refresh(): Promise<void>;
  /** Whether the first server answers again. Never rejects. */
  firstAnswers(): Promise<boolean>;
}

/** Which of several servers an agent speaks to: in order, each when those before it fail. */
export class Servers implements ServerChoice {
  private reach: Reach;
  private place = 0;
  private readonly tools: ServersTools;
  private readonly first: Pick<Net, 'request'>;

  constructor(reach: Reach, tools: ServersTools) {
    this.reach = reach;
    this.tools = tools;
    this.first = (tools.netOf ?? secureNet)(() => this.routeTo(0));
  }

  get route(): Route {
    return this.routeTo(this.place);
  }

  get isFirst(): boolean {
    return this.place === 0;
  }

  /** From the next connection on; the one that is open stays. */
  replace(reach: Reach): void {
    const current = this.route.server;
    this.reach = reach;
    // Uploads go on to the server that the open connection is to, and the order begins anew when that is lost.
    this.place = Math.max(0, this.all.indexOf(current));
  }

  ended(welcomed: boolean): boolean {
    this.place = welcomed ? 0 : (this.place + 1) % this.all.length;
    return welcomed || this.place === 0;
  }

  async refresh(): Promise<void> {
    try {
      const read = await this.tools.read();
      if (JSON.stringify(pick(read)) !== JSON.stringify(pick(this.reach))) {
        this.reach = read;
        this.place = 0;
      }
    } catch {
      // What held until now is as good as ever; whoever changes it by hand is told by the command.
    }
  }

  async firstAnswers(): Promise<boolean> {
    try {
      const { status } = await this.first.request({ method: 'GET', path: '/healthz', headers: {} });
      return status === 200;
    } catch {
      return false;
    }
  }

  private get all(): readonly string[] {
    return [...this.reach.servers, ...this.reach.formerServers];
  }

  private routeTo(place: number): Route {
    const { authorities, proxy, servers } = this.reach;
    const server = this.all[place] ?? servers[0];
    if (server === undefined) {
      throw new Error('An identity names at least one server.');
    }
    return { server, authorities, proxy };
  }
}

function pick({ servers, formerServers, authorities, proxy }: Reach): Reach {
  return { servers, formerServers, authorities, proxy };
}
