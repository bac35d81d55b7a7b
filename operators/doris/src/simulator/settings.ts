import { confValue } from './container.ts';
import type { Container } from './container.ts';

/** What a setting is like; a value of another type is refused. */
export interface Setting {
  readonly type: 'boolean' | 'int' | 'long' | 'String';
  readonly value: string;
  readonly mutable: boolean;
  /** Front ends: only the master heeds it. */
  readonly masterOnly?: boolean;
}

/** What a process runs with, by key: the defaults, over them its file, over that what was set since. Gone when it restarts (spec/doris-field-notes.md §3.6). */
export type Settings = Map<string, Setting>;

const boolean = (value: string): Setting => ({ type: 'boolean', value, mutable: true, masterOnly: true });

/** Some of Doris' settings, with its defaults. */
const FRONT_END: Readonly<Record<string, Setting>> = {
  disable_balance: boolean('false'),
  disable_colocate_balance: boolean('false'),
  disable_tablet_scheduler: boolean('false'),
  drop_backend_after_decommission: boolean('true'),
  prefer_compute_node_for_external_table: boolean('false'),
  max_running_txn_num_per_db: { type: 'int', value: '1000', mutable: true, masterOnly: true },
  qe_slow_log_ms: { type: 'long', value: '5000', mutable: true },
  query_port: { type: 'int', value: '9030', mutable: false },
  http_port: { type: 'int', value: '8030', mutable: false },
  qe_max_connection: { type: 'int', value: '1024', mutable: false },
  sys_log_level: { type: 'String', value: 'INFO', mutable: false },
};
const BACK_END: Readonly<Record<string, Setting>> = {
  streaming_load_max_mb: { type: 'long', value: '10240', mutable: true },
  disable_auto_compaction: { type: 'boolean', value: 'false', mutable: true },
  max_tablet_version_num: { type: 'int', value: '2000', mutable: true },
  mem_limit: { type: 'String', value: '90%', mutable: false },
  webserver_port: { type: 'int', value: '8040', mutable: false },
};

/** What a process starts with. Keys of the file that it does not know it ignores, as Doris does. */
export function settingsOf(container: Container, component: 'fe' | 'be', path: string): Settings {
  const known = Object.entries(component === 'fe' ? FRONT_END : BACK_END);
  return new Map(known.map(([key, setting]) => [key, { ...setting, value: confValue(container, path, key) ?? setting.value }]));
}

/** Sets one, or says why not. */
export function set(settings: Settings, key: string, value: string): string | undefined {
  const setting = settings.get(key);
  if (setting === undefined) return `Config '${key}' does not exist`;
  if (!setting.mutable) return `Config '${key}' is not mutable`;
  if (!fits(setting, value)) return `Failed to set config '${key}'. err: type mismatch`;
  settings.set(key, { ...setting, value });
  return undefined;
}

function fits({ type }: Setting, value: string): boolean {
  if (type === 'boolean') return /^(true|false)$/i.test(value);
  return type === 'String' || /^-?\d+$/.test(value);
}
