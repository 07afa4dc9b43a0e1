import { Fault } from '#core/fault.ts';

/** The base of a server's URL. @throws Fault `invalid_request` when the text is no `https://` URL. */
function serverUrl(text: string): string {
  const url = URL.parse(text);
  if (url?.protocol !== 'https:') {
    throw new Fault('invalid_request', `${text} is no https:// URL of a server.`);
  }
  return url.origin;
}

/** As `serverUrl`, for several; a repeat is left out. @throws Fault `invalid_request` also when there is none. */
export function serverUrls(texts: readonly string[]): readonly string[] {
  if (texts.length === 0) {
    throw new Fault('invalid_request', 'Name at least one server.');
  }
  return [...new Set(texts.map(serverUrl))];
}
