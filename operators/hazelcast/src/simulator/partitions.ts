/** Partitions as members keep them: each has an owner and, with more than one member, one copy. Pure: time and messages are the member's business. */
export const PARTITIONS = 271;

/** Who holds what, by UUID of the member. `version` 0: nothing has been given out yet. */
export interface Table {
  readonly version: number;
  readonly owners: readonly (string | undefined)[];
  readonly copies: readonly (string | undefined)[];
  /** Moves that are still to come. */
  readonly pending: number;
}

export const EMPTY: Table = { version: 0, owners: new Array(PARTITIONS).fill(undefined), copies: new Array(PARTITIONS).fill(undefined), pending: 0 };

/** First distribution, in turn. Nothing has to move for it: there is no data yet. */
export function distribute(alive: readonly string[], version = 1): Table {
  const at = (index: number) => alive[index % alive.length];
  const copies = Array.from({ length: PARTITIONS }, (_, id) => (alive.length > 1 ? at(id + 1) : undefined));
  return { version, owners: Array.from({ length: PARTITIONS }, (_, id) => at(id)), copies, pending: 0 };
}

/**
 * The table once members are gone: a copy takes the owner's place at once. `staying`: who is not about to leave. `lost`: partitions of which nothing is left;
 * they begin anew, empty.
 */
export function promote(
  table: Table,
  alive: readonly string[],
  staying: readonly string[] = alive,
): { readonly table: Table; readonly lost: readonly number[] } {
  const here = (uuid: string | undefined) => uuid !== undefined && alive.includes(uuid);
  const lost: number[] = [];
  const copies = table.copies.map((copy) => (here(copy) ? copy : undefined));
  const owners = table.owners.map((owner, id) => {
    if (here(owner)) return owner;
    const copy = copies[id];
    copies[id] = undefined;
    if (copy !== undefined) return copy;
    lost.push(id);
    return alive[id % alive.length];
  });
  return { table: { version: table.version + 1, owners, copies, pending: movesOf({ ...table, owners, copies }, staying).length }, lost };
}

type Move = { readonly id: number; readonly owner: string | undefined; readonly copy: string | undefined };

/** Carries out the next moves, at most `most`: missing copies first, then balance. */
export function migrate(table: Table, alive: readonly string[], most: number): Table {
  const moves = movesOf(table, alive);
  const [owners, copies] = [[...table.owners], [...table.copies]];
  for (const { id, owner, copy } of moves.slice(0, most)) [owners[id], copies[id]] = [owner, copy];
  return { version: table.version + 1, owners, copies, pending: Math.max(0, moves.length - most) };
}

/** Whether every partition has all the copies that so many members can hold, and nothing is to move. */
export function isSafe(table: Table, alive: readonly string[]): boolean {
  if (table.version === 0) return true;
  const here = (uuid: string | undefined) => uuid !== undefined && alive.includes(uuid);
  return table.pending === 0 && table.owners.every(here) && (alive.length < 2 || table.copies.every(here));
}

/** Whether a member holds anything that would go with it. */
export function holds({ owners, copies }: Table, uuid: string): boolean {
  return owners.includes(uuid) || copies.includes(uuid);
}

/** Missing copies and what is held by members that leave first, then balance. `staying`: who may be given something. */
function movesOf(table: Table, staying: readonly string[]): readonly Move[] {
  if (staying.length === 0) return [];
  const [owners, copies] = [[...table.owners], [...table.copies]];
  const moves: Move[] = [];
  const stays = (uuid: string | undefined) => uuid !== undefined && staying.includes(uuid);
  const load = (held: readonly (string | undefined)[]) => {
    const count = new Map(staying.map((uuid) => [uuid, 0]));
    for (const uuid of held) if (uuid !== undefined && count.has(uuid)) count.set(uuid, count.get(uuid)! + 1);
    return count;
  };
  const [copied, owned] = [load(copies), load(owners)];
  for (const [id, before] of owners.entries()) {
    if (before === undefined) continue;
    const held = copies[id];
    const owner = stays(before) ? before : stays(held) ? held! : least(owned, undefined);
    const copy = stays(held) && held !== owner ? held : staying.length < 2 ? undefined : least(copied, owner);
    if (owner === before && copy === held) continue;
    if (owner !== before) owned.set(owner, owned.get(owner)! + 1);
    if (copy !== held && copy !== undefined) copied.set(copy, copied.get(copy)! + 1);
    [owners[id], copies[id]] = [owner, copy];
    moves.push({ id, owner, copy });
  }
  for (const [id, owner] of owners.entries()) {
    const to = least(owned, undefined);
    if (owner === undefined || to === owner || owned.get(owner)! - owned.get(to)! < 2) continue;
    owned.set(owner, owned.get(owner)! - 1);
    owned.set(to, owned.get(to)! + 1);
    // Who held the copy of what comes to it gives the copy to who held the partition.
    moves.push({ id, owner: to, copy: copies[id] === to ? owner : copies[id] });
  }
  return moves;
}

function least(load: ReadonlyMap<string, number>, not: string | undefined): string {
  const [first, ...rest] = [...load].filter(([uuid]) => uuid !== not);
  return rest.reduce((low, one) => (one[1] < low[1] ? one : low), first!)[0];
}
