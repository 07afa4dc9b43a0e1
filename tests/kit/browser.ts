/** Answers requests for one origin in the test's own process. */
export type Site = (request: Request) => Promise<Response>;

interface Cookie {
  readonly origin: string;
  readonly path: string;
  readonly name: string;
  readonly value: string;
  readonly isStrict: boolean;
}

export interface Visited {
  /** Where the last redirect led. */
  readonly url: URL;
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

export interface BrowserOptions {
  /** By origin; every other one is asked over the network. */
  readonly sites: Readonly<Record<string, Site>>;
}

const mostRedirects = 10;

/**
 * As much of a browser as a log-in needs: cookies by origin and path, redirects, forms. Where another site sends it, it carries no cookie
 * that is `SameSite=Strict` (RFC 6265bis, 5.2), the whole way of a redirect long.
 */
export class Browser {
  readonly #sites: BrowserOptions['sites'];
  #cookies: readonly Cookie[] = [];
  /** Of the page that it shows, or that just sent it on; null: what comes is typed. */
  #at: URL | null = null;

  constructor({ sites }: BrowserOptions) {
    this.#sites = sites;
  }

  /** Follows redirects until one leads where `stop` says, which is not asked any more, or to a page. */
  async visit(
    address: string,
    options: { readonly form?: Readonly<Record<string, string>>; stop?(url: URL): boolean } = {},
  ): Promise<Visited> {
    let url = new URL(address);
    let { form } = options;
    let isSentByAnother = false;
    for (let redirects = 0; redirects < mostRedirects; redirects += 1) {
      isSentByAnother ||= this.#at !== null && siteOf(this.#at) !== siteOf(url);
      const response = await this.#ask(url, { form, isSentByAnother });
      this.#at = url;
      const location = response.headers.get('location');
      if (location === null) {
        return { url, status: response.status, headers: response.headers, text: await response.text() };
      }
      await response.body?.cancel();
      url = new URL(location, url);
      form = undefined;
      if (options.stop?.(url) === true) {
        return { url, status: response.status, headers: response.headers, text: '' };
      }
    }
    throw new Error(`${address} leads round in circles.`);
  }

  /** The value of a cookie that a site has set. */
  cookie(origin: string, name: string): string | undefined {
    return this.#cookies.find((each) => each.origin === origin && each.name === name)?.value;
  }

  /** As if the site had set a cookie before. */
  carry(origin: string, name: string, value: string): void {
    this.#keep(origin, `${name}=${value}; Path=/`);
  }

  async #ask(
    url: URL,
    {
      form,
      isSentByAnother,
    }: { readonly form: Readonly<Record<string, string>> | undefined; isSentByAnother: boolean },
  ): Promise<Response> {
    const cookies = this.#cookies.filter(
      ({ origin, path, isStrict }) =>
        origin === url.origin && url.pathname.startsWith(path) && !(isStrict && isSentByAnother),
    );
    const headers = new Headers({ accept: 'text/html,*/*', 'user-agent': 'test' });
    if (cookies.length > 0) {
      headers.set('cookie', cookies.map(({ name, value }) => `${name}=${value}`).join('; '));
    }
    const body = form === undefined ? {} : { method: 'POST', body: new URLSearchParams(form) };
    const request = new Request(url.href, { headers, redirect: 'manual', ...body });
    const own = this.#sites[url.origin];
    const response = own === undefined ? await fetch(request) : await own(request);
    for (const line of response.headers.getSetCookie()) {
      this.#keep(url.origin, line);
    }
    return response;
  }

  #keep(origin: string, line: string): void {
    const [pair = '', ...attributes] = line.split(';').map((part) => part.trim());
    const [name = '', ...value] = pair.split('=');
    const path = attributes.find((each) => /^path=/i.test(each))?.slice(5) ?? '/';
    const isOver =
      attributes.some((each) => /^max-age=0$|^expires=.*19[0-9]{2} /i.test(each)) || value.join('=') === '';
    const others = this.#cookies.filter((each) => each.origin !== origin || each.name !== name || each.path !== path);
    const isStrict = attributes.some((each) => /^samesite=strict$/i.test(each));
    this.#cookies = isOver ? others : [...others, { origin, path, name, value: value.join('='), isStrict }];
  }
}

/** Two hosts of one registrable domain would be one; no test has such. */
function siteOf({ protocol, hostname }: URL): string {
  return `${protocol}//${hostname}`;
}
