import { BlockList, isIP } from 'node:net';
import { z } from 'zod';
import { Fault } from '#core/fault.ts';

/** How this machine reaches the outside. The proxy sees names and amounts only: TLS to the server goes through it. */
export const proxySettingSchema = z.object({
  /** `http://` or `https://`, with `user:password@` where the proxy asks for one. */
  url: z.url(),
  /** Who vouches for an `https://` proxy, PEM; null: the authorities that the runtime knows. Never asked about a server. */
  authority: z.string().min(1).nullable(),
  /** Servers that are reached without it, in the manner of `NO_PROXY`. */
  except: z.array(z.string().min(1).max(300)).max(64),
});

export type ProxySetting = z.infer<typeof proxySettingSchema>;

export interface ProxyWish {
  readonly url: string;
  /** Entries between commas or spaces. Default: what the environment says in `NO_PROXY` or `no_proxy`. */
  readonly except?: string | undefined;
  /** PEM. */
  readonly authority?: string | undefined;
}

/** @throws Fault `invalid_request` for what is no address of a proxy; the message never holds its password. */
export function readProxy({ url, except = noProxy(), authority }: ProxyWish): ProxySetting {
  const parsed = URL.parse(url);
  if (parsed === null || !['http:', 'https:'].includes(parsed.protocol) || parsed.pathname !== '/') {
    throw new Fault('invalid_request', 'A proxy is named as http://HOST:PORT or https://USER:PASSWORD@HOST:PORT.');
  }
  return {
    url: parsed.href,
    authority: authority ?? null,
    except: except.split(/[\s,]+/).filter((each) => each !== ''),
  };
}

/** A running agent has a cleared environment: this is read once, when somebody names the proxy. */
function noProxy(): string {
  return process.env['NO_PROXY'] ?? process.env['no_proxy'] ?? '';
}

/** Null for a server that is reached without a proxy. */
export function proxyFor(proxy: ProxySetting | null, server: URL): ProxySetting | null {
  return proxy?.except.some((entry) => exempts(entry, server)) === true ? null : proxy;
}

/**
 * One entry of `NO_PROXY` as curl and Go read it: `*`, a name with all below it, a name after a dot, an address, a range of
 * addresses; with `:port` for that port alone.
 */
function exempts(entry: string, server: URL): boolean {
  const host = server.hostname.replace(/^\[|\]$/g, '').toLowerCase();
  const [, bare = entry, port] = /^(\[[^\]]*\]|[^:]*):(\d{1,5})$/.exec(entry) ?? [];
  if (port !== undefined && port !== (server.port || '443')) {
    return false;
  }
  const name = bare.replace(/^\[|\]$/g, '').toLowerCase();
  if (name === '*' || name === host) {
    return true;
  }
  return isIP(host) === 0 ? host.endsWith(name.startsWith('.') ? name : `.${name}`) : isInRange(host, name);
}

function isInRange(address: string, range: string): boolean {
  const [, base = '', bits] = /^([0-9a-f.:]+)\/(\d{1,3})$/.exec(range) ?? [];
  const family = isIP(base);
  if (family === 0 || Number(bits) > (family === 4 ? 32 : 128)) {
    return false;
  }
  const list = new BlockList();
  list.addSubnet(base, Number(bits), family === 4 ? 'ipv4' : 'ipv6');
  return list.check(address, isIP(address) === 4 ? 'ipv4' : 'ipv6');
}
