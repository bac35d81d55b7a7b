import { parse } from 'yaml';
import { z } from 'zod';
import type { Container } from './container.ts';
import { memberTls } from './tls.ts';
import type { MemberTls } from './tls.ts';
import type { Sections } from './executors.ts';

const enabled = z.object({ enabled: z.boolean().default(true) }).optional();

const ssl = z.object({ enabled: z.boolean(), properties: z.record(z.string(), z.string()).default({}) });
const named = z.record(z.string(), z.unknown()).default({});

/** What the simulated member reads of `hazelcast.yaml`. */
const Config = z.object({
  hazelcast: z.object({
    'cluster-name': z.string().default('dev'),
    persistence: z
      .object({
        enabled: z.boolean().default(true),
        'backup-dir': z.string().optional(),
        'base-dir': z.string().optional(),
        'validation-timeout-seconds': z.number().default(120),
        'cluster-data-recovery-policy': z.string().default('FULL_RECOVERY_ONLY'),
      })
      .optional(),
    'user-code-namespaces': enabled,
    'executor-service': named,
    'durable-executor-service': named,
    'scheduled-executor-service': named,
    'cp-subsystem': z.object({ 'cp-member-count': z.number().default(0) }).optional(),
    jet: z.object({ instance: z.object({ 'lossless-restart-enabled': z.boolean().optional() }).optional() }).optional(),
    sql: z.object({ 'catalog-persistence-enabled': z.boolean().optional() }).optional(),
    'advanced-network': z.object({
      join: z.object({ kubernetes: z.object({ 'service-name': z.string() }) }),
      'client-server-socket-endpoint-config': z.object({ ssl: ssl.optional() }).default({}),
    }),
  }),
});
type Config = z.output<typeof Config>;

const EXECUTORS = ['executor-service', 'durable-executor-service', 'scheduled-executor-service'] as const;

export interface MemberConfig {
  readonly clusterName: string;
  readonly service: string;
  readonly enterprise: boolean;
  readonly version: string;
  /** Where backups go; undefined: the member takes none. */
  readonly backupDir: string | undefined;
  /** Where data is kept, how long a member waits for the others after a restart (ms), and whether it then starts without them; undefined: memory alone. */
  readonly persistence: { readonly baseDir: string; readonly waitMs: number; readonly partial: boolean } | undefined;
  readonly executors: Sections;
  /** How long it may take to hand its data over when it is told to go; ms. Undefined: it just goes, as members do by default. */
  readonly handOverMs: number | undefined;
  /** Undefined: it speaks in clear. */
  readonly tls: MemberTls | undefined;
}

/** What the member runs with, or why it does not start. Refusals: spec/hazelcast-members.md §4. */
export function memberConfig(container: Container): MemberConfig | { readonly refusal: string } {
  const path = /-Dhazelcast\.config=(\S+)/.exec(container.env['JAVA_OPTS'] ?? '')?.[1] ?? '/data/hazelcast/hazelcast.yaml';
  const text = container.readFile(path);
  if (text === undefined) return { refusal: `Config file not found: ${path}` };
  const read = Config.safeParse(parse(text));
  if (!read.success) return { refusal: `Invalid configuration: ${z.prettifyError(read.error)}` };
  const { hazelcast } = read.data;
  const enterprise = container.image.includes('hazelcast-enterprise');
  const refusal = enterprise ? licenceProblem(container) : openSourceProblem(hazelcast);
  if (refusal !== undefined) return { refusal };
  const wanted = hazelcast['advanced-network']['client-server-socket-endpoint-config'].ssl;
  const tls = wanted?.enabled === true ? memberTls(container, wanted.properties) : undefined;
  if (tls !== undefined && 'refusal' in tls) return tls;
  const version = /:([^:/]+)$/.exec(container.image)?.[1] ?? 'latest';
  return {
    clusterName: hazelcast['cluster-name'],
    service: hazelcast['advanced-network'].join.kubernetes['service-name'],
    enterprise,
    version,
    backupDir: hazelcast.persistence?.enabled === true ? hazelcast.persistence['backup-dir'] : undefined,
    persistence: persistenceOf(hazelcast),
    tls,
    handOverMs: handOverMs(container.env['JAVA_OPTS'] ?? ''),
    executors: Object.fromEntries(EXECUTORS.map((section) => [section, hazelcast[section]])),
  };
}

function persistenceOf({ persistence }: Config['hazelcast']): MemberConfig['persistence'] {
  const baseDir = persistence?.['base-dir'];
  if (persistence?.enabled !== true || baseDir === undefined) return undefined;
  return {
    baseDir,
    waitMs: persistence['validation-timeout-seconds'] * 1000,
    partial: persistence['cluster-data-recovery-policy'] !== 'FULL_RECOVERY_ONLY',
  };
}

/** Source: spec/hazelcast-members.md §1.3, §7. */
function handOverMs(options: string): number | undefined {
  if (!options.includes('-Dhazelcast.shutdownhook.policy=GRACEFUL')) return undefined;
  return Number(/-Dhazelcast\.graceful\.shutdown\.max\.wait=(\d+)/.exec(options)?.[1] ?? 600) * 1_000;
}

function licenceProblem(container: Container): string | undefined {
  return (container.env['HZ_LICENSEKEY'] ?? '') === '' ? 'Hazelcast Enterprise license is not set' : undefined;
}

function openSourceProblem(hazelcast: Config['hazelcast']): string | undefined {
  if (hazelcast.persistence?.enabled === true) return 'Hot Restart requires Hazelcast Enterprise Edition';
  if ((hazelcast['cp-subsystem']?.['cp-member-count'] ?? 0) > 0) return 'CP subsystem is a licensed feature';
  if (hazelcast['advanced-network']['client-server-socket-endpoint-config'].ssl?.enabled === true) return 'SSL/TLS requires Hazelcast Enterprise Edition';
  if (hazelcast['user-code-namespaces']?.enabled === true) return 'User Code Namespaces requires Hazelcast Enterprise Edition';
  if (hazelcast.jet?.instance?.['lossless-restart-enabled'] === true) return 'Lossless Restart requires Hazelcast Enterprise Edition';
  if (hazelcast.sql?.['catalog-persistence-enabled'] === true) return 'SQL Catalog Persistence requires Hazelcast Enterprise Edition';
  return undefined;
}
