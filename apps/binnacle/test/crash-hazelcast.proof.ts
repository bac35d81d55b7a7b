import { test } from 'node:test';
import { crashEverywhere } from './birth-and-death.ts';
import { hazelcast } from './subjects.ts';

/** One certificate serves all clusters of the namespace. */
const SURVIVORS = ['Secret default/hazelcast-agent-cert'];

test('Hazelcast: a cluster is born and goes the same way wherever the operator dies', (t) => crashEverywhere(t, hazelcast, 'hazelcast/basic.yaml', SURVIVORS));
