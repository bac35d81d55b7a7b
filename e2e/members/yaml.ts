import { emit } from '../../operators/hazelcast/src/hazelcast/config/emit.ts';
import { memberConfig } from '../../operators/hazelcast/src/hazelcast/config/member.ts';
import type { Sections } from '../../operators/hazelcast/src/hazelcast/config/member.ts';
import { cluster } from '../../operators/hazelcast/test/cluster.ts';

/** The `hazelcast.yaml` that the operator writes for this spec. `change`: what a member needs that runs in no cluster. */
export function yaml(spec: object, change: (sections: Sections) => Sections = (sections) => sections): string {
  return emit({ hazelcast: change(memberConfig(cluster(spec))) });
}
