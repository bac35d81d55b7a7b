import { given } from '../../given.ts';

interface Filter {
  readonly classes?: readonly string[] | undefined;
  readonly packages?: readonly string[] | undefined;
  readonly prefixes?: readonly string[] | undefined;
}

/** Members know `class`, `package` and `prefix`; with the plural forms of the existing operator they do not start (spec/hazelcast-members.md §4). */
export function classFilter(filter: { readonly blacklist?: Filter | undefined; readonly whitelist?: Filter | undefined }): Readonly<Record<string, unknown>> {
  const list = (one: Filter | undefined) => (one === undefined ? undefined : given({ class: one.classes, package: one.packages, prefix: one.prefixes }));
  return given({ 'defaults-disabled': false, blacklist: list(filter.blacklist), whitelist: list(filter.whitelist) });
}
