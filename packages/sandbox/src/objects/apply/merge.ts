import { isObject } from '../json.ts';
import type { JsonObject } from '../json.ts';
import type { ListType, MapType, Type } from './type.ts';
import { formOf, itemElement, typeAt } from './typed.ts';

/**
 * `live` with what `config` says laid over it: maps and keyed lists merge, what is atomic is replaced. Nothing is removed; an empty or null list or map in
 * `config` takes nothing from a full one. `config` must have been checked (`mistakes`). Undefined stands for absent.
 */
export function mergeTyped(type: Type, live: unknown, config: unknown): unknown {
  if (config === undefined) return live;
  switch (formOf(type, config)) {
    case 'map': {
      const map = type.map as MapType;
      if (map.atomic) return config;
      return mergeMap(map, isObject(live) ? live : {}, isObject(config) ? config : {}, config);
    }
    case 'list': {
      const list = type.list as ListType;
      const left = Array.isArray(live) ? (live as readonly unknown[]) : [];
      const right = Array.isArray(config) ? (config as readonly unknown[]) : [];
      return list.atomic || (left.length === 0 && right.length === 0) ? config : mergeList(list, left, right);
    }
    case 'scalar':
      return config;
  }
}

function mergeMap(map: MapType, live: JsonObject, config: JsonObject, empty: unknown): unknown {
  const out: Record<string, unknown> = {};
  let keys = 0;
  let changed = false;
  for (const key in live) {
    const merged = mergeKey(map, key, live[key], config[key]);
    changed ||= merged !== live[key];
    if (merged !== undefined) out[key] = merged;
    keys++;
  }
  for (const key in config) {
    if (live[key] !== undefined) continue;
    const merged = mergeKey(map, key, undefined, config[key]);
    if (merged !== undefined) out[key] = merged;
    changed = true;
    keys++;
  }
  if (keys === 0) return empty;
  // The same object when nothing changed: then nothing needs to be compared below either.
  return changed ? out : live;
}

function mergeKey(map: MapType, key: string, live: unknown, config: unknown): unknown {
  const type = typeAt(map, key);
  return type === undefined ? (config ?? live) : mergeTyped(type, live, config);
}

/**
 * Elements of both lists: those of `config` in its order, the others where `live` has them. Where the orders disagree, `config` wins.
 * The order is that of structured-merge-diff, since clients see it.
 */
function mergeList(list: ListType, live: readonly unknown[], config: readonly unknown[]): readonly unknown[] {
  const left = live.map((item) => itemElement(list, item));
  const right = config.map((item) => itemElement(list, item));
  const liveItems = uniqueItems(left, live);
  const configItems = new Map(right.map((element, at) => [element, config[at]]));
  const shared = right.filter((element) => liveItems.has(element));
  const merged = new Set<string>();
  const out: unknown[] = [];
  const take = (element: string) => {
    merged.add(element);
    out.push(mergeTyped(list.element(), liveItems.get(element), configItems.get(element)));
    if (shared[0] === element) shared.shift();
  };
  let l = 0;
  let r = 0;
  while (l < left.length || r < right.length) {
    const mine = left[l];
    const theirs = right[r];
    if (mine !== undefined && theirs !== undefined) {
      if (mine === theirs) {
        take(mine);
        l++;
        r++;
        continue;
      }
      if (configItems.has(mine) && shared[0] !== undefined && shared[0] !== mine) {
        l++; // shared, but another one's turn
        continue;
      }
    }
    if (mine !== undefined) {
      if (!configItems.has(mine)) {
        out.push(live[l]);
        l++;
        continue;
      }
      if (merged.has(mine)) l++;
    }
    if (theirs !== undefined) {
      take(theirs);
      r++;
    }
  }
  return out.length === live.length && out.every((item, at) => item === live[at]) ? live : out;
}

/** Items by element; of doubled ones none, since nobody can say which is meant. */
function uniqueItems(elements: readonly string[], items: readonly unknown[]): ReadonlyMap<string, unknown> {
  const out = new Map<string, unknown>();
  for (const [at, element] of elements.entries()) out.set(element, out.has(element) ? undefined : items[at]);
  return out;
}
