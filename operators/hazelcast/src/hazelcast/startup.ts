import type { Startup } from '../api/status.ts';

/** What a pass knows of a wish to start without all data. */
export interface Observed {
  readonly wish: Startup['action'] | undefined;
  readonly noted: Startup | undefined;
  /** UIDs of the pods there are. */
  readonly pods: readonly string[];
  /** All pods that the spec wants are there. */
  readonly complete: boolean;
  /** All members are up: there is nothing to start. */
  readonly running: boolean;
}

/** `note`: what is to be remembered, undefined for nothing. */
export type Next =
  | { readonly do: 'nothing'; readonly note: Startup | undefined }
  /** Nothing is done before it is known that it was wished: a crash would else leave an action that may be done again. */
  | { readonly do: 'remember'; readonly note: Startup }
  | { readonly do: 'act'; readonly note: Startup };

/**
 * A wish is fulfilled once, and is over when the cluster runs without it, or when the pods it was made for are gone: left in the spec it must not throw data
 * away when members restart later, as it did under the existing operator. Another wish, or the same after none, is a new one. Pure.
 */
export function nextStartup({ wish, noted, pods, complete, running }: Observed): Next {
  if (wish === undefined) return { do: 'nothing', note: undefined };
  const over: Next = { do: 'nothing', note: { action: wish, state: 'NotNeeded', pods: [] } };
  if (noted?.action !== wish) {
    if (running) return over;
    return !complete ? { do: 'nothing', note: undefined } : { do: 'remember', note: { action: wish, state: 'Wanted', pods: [...pods] } };
  }
  if (noted.state !== 'Wanted') return { do: 'nothing', note: noted };
  return running || !noted.pods.some((uid) => pods.includes(uid)) ? over : { do: 'act', note: noted };
}
