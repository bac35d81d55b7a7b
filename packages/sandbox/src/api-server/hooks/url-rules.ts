import { invalid, required } from '@binnacle/schema';
import type { FieldError } from '@binnacle/schema';

const LOOPBACK: ReadonlySet<string> = new Set(['127.0.0.1', 'localhost', '[::1]']);

/** What is wrong with the URL of a webhook. */
export function urlErrors(url: string, at: string): readonly FieldError[] {
  const parsed = URL.parse(url);
  if (parsed === null) return [required(at, 'url must be a valid URL: [https://]host[:port][/path]')];
  const wrong = (detail: string) => invalid(at, url, detail);
  // Of what is wrong the part alone is shown: so does the real server.
  if (parsed.protocol !== 'https:')
    return [invalid(at, parsed.protocol.slice(0, -1), "'https' is the only allowed URL scheme; desired format: https://host[/path]")];
  if (parsed.username !== '' || parsed.password !== '') return [wrong('user information is not permitted in the URL')];
  if (parsed.hash !== '') return [wrong('fragments are not permitted in the URL')];
  if (parsed.search !== '') return [wrong('query parameters are not permitted in the URL')];
  // Whoever may write a configuration would otherwise make this process send requests to anywhere.
  return LOOPBACK.has(parsed.hostname) ? [] : [wrong('this server calls webhooks on loopback and behind services only')];
}
