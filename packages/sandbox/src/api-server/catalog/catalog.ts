import { builtinServed } from './builtin.ts';
import { GROUP_ORDER } from './names.ts';
import type { Served } from './served.ts';
import { byPriority } from './version-order.ts';

/** An API group that is served, its versions in order of preference. */
export interface Group {
  readonly name: string;
  readonly versions: readonly { readonly version: string; readonly resources: readonly Served[] }[];
}

/** All resources that are served now. */
export interface Catalog {
  find(group: string, version: string, plural: string): Served | undefined;
  findKind(group: string, version: string, kind: string): Served | undefined;
  hasGroupVersion(group: string, version: string): boolean;
  groups(): readonly Group[];
  /** Replaces what one CRD serves; `[]` for nothing any more. */
  setCustom(crd: string, served: readonly Served[]): void;
  /** Changes whenever the answers would: for caches and ETags. */
  readonly edition: number;
}

/** A catalogue of the built-in kinds, to which custom ones are added. */
export function createCatalog(): Catalog {
  const builtin = builtinServed();
  const custom = new Map<string, readonly Served[]>();
  let index = indexed(builtin);
  let groups: readonly Group[] | undefined;
  let edition = 1;
  return {
    find: (group, version, plural) => index.get(`${group}/${version}/${plural}`),
    findKind: (group, version, kind) => [...index.values()].find((served) => served.group === group && served.version === version && served.kind === kind),
    hasGroupVersion: (group, version) => [...index.values()].some((served) => served.group === group && served.version === version),
    groups: () => (groups ??= grouped([...index.values()])),
    setCustom(crd, served) {
      if (served.length === 0) custom.delete(crd);
      else custom.set(crd, served);
      index = indexed([...builtin, ...[...custom.values()].flat()]);
      groups = undefined;
      edition += 1;
    },
    get edition() {
      return edition;
    },
  };
}

function indexed(all: readonly Served[]): ReadonlyMap<string, Served> {
  return new Map(all.map((served) => [`${served.group}/${served.version}/${served.plural}`, served]));
}

function grouped(all: readonly Served[]): readonly Group[] {
  const rank = (name: string) => (GROUP_ORDER.includes(name) ? GROUP_ORDER.indexOf(name) : GROUP_ORDER.length);
  const names = [...new Set(all.map((served) => served.group))].toSorted((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1));
  return names.map((name) => {
    const own = all.filter((served) => served.group === name);
    const versions = [...new Set(own.map((served) => served.version))].toSorted(byPriority);
    return {
      name,
      versions: versions.map((version) => ({
        version,
        resources: own.filter((served) => served.version === version).toSorted((a, b) => (a.plural < b.plural ? -1 : 1)),
      })),
    };
  });
}
