import { HAZELCAST_VERSIONS } from '../cluster/images/build.ts';
import { download } from '../cluster/images/hazelcast.ts';
import { cacheFolder } from '../go.ts';
import { contract } from './contract.ts';
import { realMachine } from './real.ts';

for (const version of HAZELCAST_VERSIONS) contract(`real members of ${version}`, version, () => realMachine(download(cacheFolder(), version)));
