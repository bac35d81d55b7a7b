import type { Context } from '@binnacle/runtime';
import type { HotBackup } from '../../../api/hot-backup.ts';

/** Tells what stays although it was to go: by an Event, and in the operator's log, since Events are forgotten, and not taken in a namespace that is being deleted. */
export function tellLeftBehind(what: string, cx: Pick<Context<typeof HotBackup, never, never>, 'event' | 'log'>): void {
  cx.log.warn({ reason: 'LeftBehind' }, what);
  cx.event('Warning', 'LeftBehind', what, 'Delete');
}
