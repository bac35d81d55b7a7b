import { Refusal } from '../../refusal.ts';
import { viewing } from '../core/present.ts';
import { internal } from '../refusals.ts';
import type { Change } from '../store/store.ts';
import { failedLine, leavingEntry } from './lines.ts';
import type { Told } from './lines.ts';
import type { EventStream } from './stream.ts';
import { firstLines, lookBy } from './tell.ts';
import type { Start, Teller, Watch } from './tell.ts';

/** Changes that wait for a webhook, at most: a watch that is further behind ends, and its reader goes on from the last version it saw. */
const MAX_WAITING = 20_000;

/**
 * Tells of a kind that a webhook converts. What happens while it is asked waits, and goes into one question: the order stays. What it does not convert ends the
 * watch, with the reason.
 */
export function convertedTeller(watch: Watch, start: Start, stream: EventStream): Teller {
  const { core, served } = watch;
  let waiting: (Start | Change | Told)[] = [start];
  let busy = false;

  async function tell(): Promise<void> {
    while (waiting.length > 0) {
      const items = waiting;
      waiting = [];
      const entries = items.flatMap((item) => ('value' in item ? [] : 'key' in item ? entriesOf(item) : [...item.present, ...item.missed.flatMap(entriesOf)]));
      const view = await viewing(core, served, entries);
      const look = lookBy(watch, view, (entry) => watch.selected.matches(view(entry)));
      for (const item of items) {
        const lines = 'value' in item ? [item] : 'key' in item ? [look.change(item)] : firstLines(item, look);
        for (const line of lines) if (line !== undefined) stream.push(line);
      }
    }
  }

  async function run(): Promise<void> {
    if (busy) return;
    busy = true;
    try {
      await tell();
      busy = false;
    } catch (error) {
      // It stays busy: nothing more is said.
      stream.push(failedLine(error instanceof Refusal ? error : internal(String(error))));
      stream.end();
    }
  }

  const add = (item: Change | Told): void => {
    waiting.push(item);
    if (waiting.length > MAX_WAITING) stream.end();
    owned(run());
  };
  owned(run());
  return { change: add, line: add };
}

/** All looks of a change. */
function entriesOf(change: Change) {
  return [change.now, ...(change.before === undefined ? [] : [change.before, leavingEntry(change)])];
}

/** A promise that never fails. */
function owned(promise: Promise<void>): void {
  promise.catch(() => {});
}
