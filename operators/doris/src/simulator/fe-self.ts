import { confPath, confPort, fullName, versionOf } from './container.ts';
import type { Container } from './container.ts';
import type { FrontendRecord } from './metadata.ts';

export const META_PATH = '/opt/apache-doris/fe/doris-meta';

/** Where its configuration file is. */
export const fePath = (container: Container): string => confPath(container, 'fe.conf', '/etc/apache-doris/fe');

/** This front end as it will be listed. */
export function selfOf(container: Container): FrontendRecord {
  const port = (key: string, otherwise: number) => confPort(container, fePath(container), key, otherwise);
  return {
    host: fullName(container),
    editLogPort: port('edit_log_port', 9010),
    role: 'FOLLOWER',
    added: 0,
    alive: true,
    joined: true,
    version: `doris-${versionOf(container.image)}`,
    ports: { http: port('http_port', 8030), query: port('query_port', 9030), rpc: port('rpc_port', 9020) },
    startedAt: container.clock.now(),
  };
}
