import type { ClusterState } from '../protocol/messages.ts';
import type { MemberConfig } from './config.ts';
import type { Container } from './container.ts';
import { disk } from './hot-restart.ts';

export type StartupAction = 'forceStart' | 'partialStart';

/** A member's data of before, and how it starts with it: only when all members whose data belongs together are there. Source: spec/hazelcast-core.md §2.14. */
export interface Recovery extends Disposable {
  /** Whose data it is; undefined: none, the member is a new one. */
  readonly uuid: string | undefined;
  /** The state of the cluster when it was last written. */
  readonly state: ClusterState;
  /** Some of the others are not there yet. */
  readonly waiting: boolean;
  /** Whether that member's data belongs to this one's. */
  knows(uuid: string): boolean;
  /** `forceStart`: without any data. `partialStart`: with that of those who are there. False: it does not wait, or may not do that. */
  startup(action: StartupAction): boolean;
  /** Writes the cluster as it is now. */
  keep(uuid: string, members: readonly string[], state: ClusterState): void;
  /** The member has started. */
  over(): void;
}

/** Members that are gone are kept in mind for so long, since all of them may be stopping: ms. */
const FORGET_MS = 10_000;

/** Looks at the volume. `isHere`: whether a member has been met. `changed`: it may start now. `failed`: it has waited too long. */
export function recovery(
  container: Container,
  config: MemberConfig,
  hooks: { readonly isHere: (uuid: string) => boolean; readonly changed: () => void; readonly failed: () => void },
): Recovery {
  const { persistence } = config;
  const store = disk(container, persistence?.baseDir);
  let found = store?.found;
  let over = found === undefined;
  let kept: readonly string[] = found?.members ?? [];
  let forgetting: Disposable | undefined;
  const limit = over
    ? undefined
    : container.clock.timer(persistence?.waitMs ?? 0, () => {
        if (!isWaiting()) return;
        if (persistence?.partial !== true) return hooks.failed();
        over = true;
        hooks.changed();
      });
  const isWaiting = () => !over && (found?.members ?? []).some((uuid) => !hooks.isHere(uuid));

  return {
    get uuid() {
      return found?.uuid;
    },
    state: found?.state ?? 'ACTIVE',
    get waiting() {
      return isWaiting();
    },
    knows: (uuid) => found?.members.includes(uuid) === true,
    startup(action) {
      if (!isWaiting() || (action === 'partialStart' && persistence?.partial !== true)) return false;
      if (action === 'forceStart') {
        container.log('WARN Force start: all data on this volume is thrown away');
        store?.wipe();
        found = undefined;
      }
      over = true;
      hooks.changed();
      return true;
    },
    keep(uuid, members, state) {
      forgetting?.[Symbol.dispose]();
      const write = () => {
        kept = members;
        store?.keep(uuid, { members, state });
      };
      if (kept.every((one) => members.includes(one))) write();
      else {
        store?.keep(uuid, { members: kept, state });
        forgetting = container.clock.timer(FORGET_MS, write);
      }
    },
    over() {
      over = true;
      limit?.[Symbol.dispose]();
    },
    [Symbol.dispose]() {
      limit?.[Symbol.dispose]();
      forgetting?.[Symbol.dispose]();
    },
  };
}
