import https from 'node:https';
import { type ProxySetting, proxyFor } from '../identity/proxy.ts';
import { TunnelAgent } from './tunnel.ts';

/** One way to one server. */
export interface Route {
  /** The server's base URL. */
  readonly server: string;
  /** PEM; no other authority is trusted. */
  readonly authorities: readonly string[];
  readonly proxy: ProxySetting | null;
}

/** Connections to a server at once, beside the WebSocket. */
const mostSockets = 8;

/** Keeps connections for as long as the route stays the same: after a change none that was made before it is used again. */
export class Connections {
  private known: { readonly key: string; readonly agent: https.Agent } | undefined;

  agentFor(route: Route): https.Agent {
    const key = JSON.stringify(route);
    if (this.known?.key !== key) {
      this.known?.agent.destroy();
      this.known = { key, agent: agentOf(route) };
    }
    return this.known.agent;
  }
}

function agentOf({ server, authorities, proxy: setting }: Route): https.Agent {
  const options = { keepAlive: true, ca: [...authorities], maxSockets: mostSockets };
  const proxy = proxyFor(setting, new URL(server));
  return proxy === null ? new https.Agent(options) : new TunnelAgent(options, proxy, authorities);
}
