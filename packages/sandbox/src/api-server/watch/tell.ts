import type { Served } from '../catalog/served.ts';
import type { Core } from '../core/core.ts';
import { show } from '../core/present.ts';
import type { View } from '../core/present.ts';
import type { Selection } from '../select/selection.ts';
import type { Change, Entry } from '../store/store.ts';
import { leavingEntry } from './lines.ts';
import type { Lines, Told } from './lines.ts';
import type { EventStream } from './stream.ts';

/** One watch. */
export interface Watch {
  readonly core: Core;
  readonly served: Served;
  readonly selected: Selection;
  readonly lines: Lines;
}

/** What is said before any change that is still to come, in this order. */
export interface Start {
  readonly present: readonly Entry[];
  readonly missed: readonly Change[];
  readonly closing: readonly Told[];
}

/** Says what happens, in the order in which it is told. */
export interface Teller {
  change(change: Change): void;
  line(line: Told): void;
}

/** How one watch sees the store. */
export interface Look {
  /** The line about an object that is there; `undefined` when it is not selected. */
  present(entry: Entry): Told | undefined;
  change(change: Change): Told | undefined;
}

/** By what is stored. */
export function plainLook(watch: Watch): Look {
  return lookBy(
    watch,
    (entry) => show(watch.served, entry),
    (entry) => watch.selected.matches(entry.object),
  );
}

export function plainTeller(watch: Watch, stream: EventStream): Teller {
  const look = plainLook(watch);
  return {
    change(change) {
      const line = look.change(change);
      if (line !== undefined) stream.push(line);
    },
    line: (line) => stream.push(line),
  };
}

/** The lines of a start, each made when it is read. */
export function* firstLines({ present, missed, closing }: Start, look: Look): Generator<Told> {
  for (const entry of present) yield* some(look.present(entry));
  for (const change of missed) yield* some(look.change(change));
  yield* closing;
}

const some = (line: Told | undefined): readonly Told[] => (line === undefined ? [] : [line]);

export function lookBy({ selected, lines }: Watch, view: View, matches: (entry: Entry) => boolean): Look {
  return {
    present: (entry) => (matches(entry) ? lines.event('ADDED', view(entry)) : undefined),
    /** Objects come and go for who sees only a selection, as they start and stop to match. */
    change(change) {
      if (!change.key.startsWith(selected.prefix)) return undefined;
      const before = change.before !== undefined && matches(change.before);
      if (change.removed) return before ? lines.event('DELETED', view(change.now)) : undefined;
      if (matches(change.now)) return lines.event(before ? 'MODIFIED' : 'ADDED', view(change.now));
      return before ? lines.event('DELETED', view(leavingEntry(change))) : undefined;
    },
  };
}
