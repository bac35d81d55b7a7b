import type { WebhookOptions } from '@binnacle/runtime';
import type { SandboxOptions } from '@binnacle/sandbox';

type Serve = NonNullable<WebhookOptions['serve']>;
type Review = Parameters<Serve>[0]['review'];

/** Webhooks of operators in this process, asked without sockets: on virtual time a socket's answer comes when its caller has long given it up. */
export interface HooksInside {
  /** How the API server asks. */
  readonly door: NonNullable<SandboxOptions['hooks']>;
  /** How an operator behind this Service answers, until it is `dead`. */
  serve(service: string, dead: AbortSignal): Serve;
}

/** Nobody answers yet. */
export function hooksInside(): HooksInside {
  const behind = new Map<string, Set<Review>>();
  return {
    door({ hostname, pathname }, body) {
      const [review] = behind.get(hostname.split('.')[0]!) ?? [];
      return review === undefined ? undefined : Promise.resolve().then(() => JSON.stringify(review(pathname, JSON.parse(body))));
    },
    serve: (service, dead) => async (parts) => {
      const all = behind.get(service) ?? new Set<Review>();
      behind.set(service, all);
      const end = (): void => void all.delete(parts.review);
      if (!dead.aborted) all.add(parts.review);
      dead.addEventListener('abort', end, { once: true });
      return { port: 443, use: () => undefined, [Symbol.asyncDispose]: async () => end() };
    },
  };
}
