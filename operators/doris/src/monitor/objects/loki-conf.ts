import type { Monitor } from './from.ts';

/** `loki.yml` for one Loki 2.x on its own volume. The index is the one that existing volumes have. */
export function lokiConf({ spec }: Monitor): string {
  const retention = spec.loki?.retentionTime || undefined;
  // Retention is the compactor's: what the existing configuration set for the table manager deleted nothing from this kind of index.
  return `auth_enabled: false
server:
  http_listen_port: 3100
  grpc_listen_port: 9095
common:
  path_prefix: /data/loki
  replication_factor: 1
  ring:
    kvstore:
      store: inmemory
ingester:
  chunk_block_size: 262144
  chunk_idle_period: 3m
  chunk_retain_period: 1m
  wal:
    dir: /data/loki/wal
schema_config:
  configs:
    - from: "2020-10-24"
      store: boltdb-shipper
      object_store: filesystem
      schema: v11
      index:
        prefix: index_
        period: 24h
storage_config:
  boltdb_shipper:
    active_index_directory: /data/loki/boltdb-shipper-active
    cache_location: /data/loki/boltdb-shipper-cache
    cache_ttl: 24h
    shared_store: filesystem
  filesystem:
    directory: /data/loki/chunks
compactor:
  working_directory: /data/loki/boltdb-shipper-compactor
  shared_store: filesystem
  retention_enabled: ${retention !== undefined}
limits_config:
  max_entries_limit_per_query: 5000
  reject_old_samples: true
  reject_old_samples_max_age: 168h
${retention === undefined ? '' : `  retention_period: ${JSON.stringify(retention)}\n`}`;
}
