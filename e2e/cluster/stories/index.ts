import type { Story } from '../story.ts';
import { backupRemoval } from './backup-removal.ts';
import { dorisFaults } from './doris-faults.ts';
import { dorisStories } from './doris.ts';
import { hazelcastFaults } from './hazelcast-faults.ts';
import { hazelcastEnd, hazelcastStories } from './hazelcast.ts';
import { installStories } from './install.ts';
import { metricsStories } from './metrics.ts';
import { monitorStories } from './monitor.ts';

/** All stories, in the order they are told: the first installs what the others need. */
export const stories: readonly Story[] = [
  ...installStories,
  ...metricsStories,
  ...hazelcastStories,
  ...hazelcastFaults,
  ...hazelcastEnd,
  ...backupRemoval,
  ...dorisStories,
  ...monitorStories,
  ...dorisFaults,
];
